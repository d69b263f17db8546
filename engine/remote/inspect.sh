#!/bin/sh
# Tells what a host is and runs, as lines of "name value". Changes nothing.
# usage: inspect.sh <run folder> <state folder>
set -u
run=$1
state=$2
profile=/nix/var/nix/profiles/system

# JSON strings hold no raw line breaks, so joining the lines of a document keeps its meaning.
document() {
  if [ -r "$2" ]; then
    printf '%s %s\n' "$1" "$(tr -d '\r\n' <"$2")"
  elif [ -e "$2" ]; then
    printf '%s unreadable\n' "$1"
  fi
}

resolved() {
  if [ -e "$2" ]; then
    printf '%s %s\n' "$1" "$(readlink -f "$2")"
  fi
}

# Seconds since process 1 began: on a container or a test machine the kernel is older than the system. proc_pid_stat(5): 100 ticks a
# second for every architecture of ours; the name may hold blanks, so the fields are counted from its closing parenthesis.
system_age() {
  read -r uptime _ </proc/uptime
  read -r stat </proc/1/stat
  # shellcheck disable=SC2086 # Fields are meant to be split.
  set -- ${stat##*) }
  echo "$((${uptime%%.*} - ${20} / 100))"
}

# What a running kernel keeps until the next boot.
boots_same_kernel() {
  for part in kernel initrd kernel-modules; do
    if [ "$(readlink -f "/run/booted-system/$part")" != "$(readlink -f "$profile/$part")" ]; then return 1; fi
  done
  cmp -s /run/booted-system/kernel-params "$profile/kernel-params"
}

printf 'boot-id %s\n' "$(cat /proc/sys/kernel/random/boot_id)"
printf 'uptime %s\n' "$(system_age)"
resolved booted /run/booted-system
resolved current /run/current-system
resolved profile "$profile"
if [ -L /run/current-system ]; then
  printf 'current-since %s\n' "$(stat -c %Y /run/current-system)"
fi
if boots_same_kernel; then printf 'same-kernel yes\n'; else printf 'same-kernel no\n'; fi
link=$(readlink "$profile" 2>/dev/null)
case $link in
system-*-link)
  generation=${link#system-}
  printf 'generation %s\n' "${generation%-link}"
  ;;
esac
document identity /etc/fleet/identity.json
document disks /etc/fleet/disks.json
document confirmed "$state/confirmed.json"
# By one clock, so that it means the same whatever that clock shows.
if [ -e "$state/confirmed.json" ]; then
  printf 'confirmed-age %s\n' "$(($(date +%s) - $(stat -c %Y "$state/confirmed.json")))"
fi
if [ -r "$state/history.jsonl" ]; then
  printf 'history %s\n' "$(tail -n 1 "$state/history.jsonl")"
fi
if command -v systemctl >/dev/null; then
  systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | while read -r unit _; do
    printf 'failed-unit %s\n' "$unit"
  done
fi
# A shared lock is refused exactly while a deployment holds its exclusive one, and disturbs nobody.
if [ ! -e "$run/lock" ] || flock -s -n "$run/lock" true; then
  printf 'lock free\n'
else
  printf 'lock held\n'
  document owner "$run/owner.json"
fi
printf 'end inspect\n'
