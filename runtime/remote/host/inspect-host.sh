#!/bin/sh
# Reports what a host is and runs, as lines of "name value". Changes nothing.
# usage: inspect-host.sh <run folder> <state folder>
set -u
run=$1
state=$2
profile=/nix/var/nix/profiles/system

# Every deployment looks several times: what the shell does by itself starts no program.

# JSON strings hold no raw line breaks, so joining the lines of a document keeps its meaning.
contents() {
  text=
  while IFS= read -r line || [ -n "$line" ]; do text=$text$line; done <"$1"
}

document() {
  if [ -r "$2" ]; then
    contents "$2"
    printf '%s %s\n' "$1" "$text"
  elif [ -e "$2" ]; then
    printf '%s unreadable\n' "$1"
  fi
}

# Seconds since process 1 began: on a container or a test machine the kernel is older than the system. proc_pid_stat(5): 100 ticks a
# second for every architecture of ours; the name may hold blanks, so the fields are counted from its closing parenthesis.
system_age() {
  read -r uptime _ </proc/uptime
  read -r stat </proc/1/stat
  # shellcheck disable=SC2086 # Fields are meant to be split.
  set -- ${stat##*) }
  printf 'uptime %s\n' "$((${uptime%%.*} - ${20} / 100))"
}

# Where links lead, and whether the system of the profile boots what runs: a kernel stays until the next boot.
systems() {
  names=
  set --
  for name in booted current profile; do
    case $name in
    profile) link=$profile ;;
    *) link=/run/$name-system ;;
    esac
    if [ -e "$link" ]; then
      names="$names $name"
      set -- "$@" "$link"
    fi
  done
  if [ $# -eq 0 ]; then return; fi
  if [ -e /run/booted-system ] && [ -e "$profile" ]; then
    for part in kernel initrd kernel-modules; do set -- "$@" "/run/booted-system/$part" "$profile/$part"; done
  fi
  # One line for each: the folder of every one of them exists. Store paths hold no blanks.
  # shellcheck disable=SC2046
  set -- $(readlink -f -- "$@")
  for name in $names; do
    printf '%s %s\n' "$name" "$1"
    shift
  done
  if [ $# -ne 6 ] || [ "$1" != "$2" ] || [ "$3" != "$4" ] || [ "$5" != "$6" ]; then return; fi
  if [ ! -r /run/booted-system/kernel-params ] || [ ! -r "$profile/kernel-params" ]; then return; fi
  contents /run/booted-system/kernel-params
  booted_params=$text
  contents "$profile/kernel-params"
  if [ "$booted_params" = "$text" ]; then same_kernel=yes; fi
}

# The age is by one clock, so that it means the same whatever that clock shows.
stamps() {
  set --
  if [ -L /run/current-system ]; then set -- "$@" /run/current-system; fi
  if [ -L "$profile" ]; then set -- "$@" "$profile"; fi
  if [ -e "$state/confirmed.json" ]; then set -- "$@" "$state/confirmed.json"; fi
  if [ $# -eq 0 ]; then return; fi
  date +'now %s'
  stat -c '%Y %N' "$@"
}

stamp_lines() {
  now=
  while read -r time name; do
    case $time-$name in
    now-*) now=$name ;;
    *current-system*' -> '*) printf 'current-since %s\n' "$time" ;;
    *' -> '*system-*-link*)
      generation=${name##*system-}
      printf 'generation %s\n' "${generation%%-link*}"
      ;;
    *confirmed.json*) printf 'confirmed-age %s\n' "$((now - time))" ;;
    esac
  done
}

read -r boot_id </proc/sys/kernel/random/boot_id
printf 'boot-id %s\n' "$boot_id"
system_age
same_kernel=no
systems
printf 'same-kernel %s\n' "$same_kernel"
stamps | stamp_lines
document identity /etc/fleet/identity.json
document disks /etc/fleet/disks.json
document confirmed "$state/confirmed.json"
if [ -r "$state/history.jsonl" ]; then
  printf 'history %s\n' "$(tail -n 1 "$state/history.jsonl")"
fi
if command -v systemctl >/dev/null; then
  systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | while read -r unit _; do
    printf 'failed-unit %s\n' "$unit"
  done
fi
# A shared lock is refused exactly while a deployment holds its exclusive one, and disturbs no other process.
if [ ! -e "$run/lock" ] || flock -s -n 8 8<"$run/lock"; then
  printf 'lock free\n'
else
  printf 'lock held\n'
  document owner "$run/owner.json"
fi
printf 'end inspect-host\n'
