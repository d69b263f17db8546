#!/bin/sh
# Prints what of a system decides how an activation goes: its unit files and what it boots. Changes nothing; needs no root.
# usage: describe-system.sh <system> [active]
#   active: the units that run here as well, and what this machine has booted
#
# Blocks "<kind> <name> <bytes>" followed by as many bytes and a line break:
#   unit NAME        a unit file
#   drop-in NAME/F   a drop-in F of unit NAME, in the order they apply
#   wanted NAME 0    a unit that a target of this system starts
#   active NAME 0    a unit that runs
#   boot PART        kernel, initrd, kernel-params or kernel-modules of the system: where the link leads, or the contents
#   booted PART      the same of /run/booted-system
set -u
LC_ALL=C
export LC_ALL
system=$1
units=$system/etc/systemd/system

block() {
  printf '%s %s %s\n' "$1" "$2" "$(($(wc -c <"$3")))"
  cat "$3"
  echo
}

text_block() {
  printf '%s %s %s\n%s\n' "$1" "$2" "${#3}" "$3"
}

# A masked unit (a link to /dev/null) counts as none.
if [ -d "$units" ]; then
  for file in "$units"/*; do
    name=${file##*/}
    case $name in
    *.d)
      for part in "$file"/*.conf; do
        if [ -f "$part" ]; then block drop-in "${name%.d}/${part##*/}" "$part"; fi
      done
      ;;
    *.wants | *.requires)
      for part in "$file"/*; do
        if [ -e "$part" ]; then text_block wanted "${part##*/}" ""; fi
      done
      ;;
    *)
      if [ -f "$file" ]; then block unit "$name" "$file"; fi
      ;;
    esac
  done
fi

boot_parts() {
  for part in kernel initrd kernel-params kernel-modules; do
    if [ -L "$2/$part" ]; then
      text_block "$1" "$part" "$(readlink -f "$2/$part")"
    elif [ -f "$2/$part" ]; then
      text_block "$1" "$part" "$(tr '\n' ' ' <"$2/$part")"
    fi
  done
}

boot_parts boot "$system"
if [ "${2-}" = active ]; then
  if [ -e /run/booted-system ]; then boot_parts booted /run/booted-system; fi
  if command -v systemctl >/dev/null; then
    systemctl list-units --plain --no-legend --no-pager 2>/dev/null | while read -r unit _ state _; do
      case $state in
      active | activating | reloading) text_block active "$unit" "" ;;
      esac
    done
  fi
fi
printf 'end describe-system 0\n'
