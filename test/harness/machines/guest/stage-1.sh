#!/usr/bin/env bash
# Initial RAM disk of an installed NixOS: runs its services on the root before the system starts. A NixOS that was put on a stock image's
# disk in place has to find its root first: the partition of a stock image holds what differs from the lent base, and becomes an
# ordinary root.
#   usage: stage-1.sh PARTITION MOUNT_POINT
# Exit code 1: there is no such root.
set -euo pipefail
shopt -s nullglob dotglob

partition=$1
sysroot=$2

say() { printf '[stage-1] %s\n' "$*"; }

find_root() {
  local entry device type
  entry=$(awk '$2 == "/" { print $1, $3 }' "$1$(readlink "$1$2/fstab")")
  device=${entry% *} type=${entry#* }
  if [[ -z $entry || $(readlink -f "$device") != "$(readlink -f "$partition")" ]]; then
    say "timed out waiting for the root device ${device:-(none)}"
    return 1
  fi
  if [[ $type != auto && $type != "$(blkid --probe --match-tag TYPE --output value "$partition")" ]]; then
    say "mounting $device as $type failed"
    return 1
  fi
}

become_root() {
  mv "$sysroot"/upper/* "$sysroot/"
  rm -rf "$sysroot/upper" "$sysroot/work" "$sysroot/stock-image"
  # What the old system had deleted of its lent base.
  find "$sysroot" -xdev -type c ! -path "$sysroot/dev/*" -delete
}

files=$sysroot
# As find_system of boot.sh: what an install, or a test in its place, has put on the disk comes first, whatever is left beside it.
if [[ ! -e $sysroot/boot/loader/default ]]; then files=$sysroot/upper; fi
system=$(cat "$files/boot/loader/default")
initrd=$(readlink "$files$system/initrd" || true)
if [[ $files != "$sysroot" ]]; then
  find_root "$files" "$initrd"
  become_root
fi
for service in "$sysroot$initrd"/services/*; do
  condition=$(cat "$sysroot$(readlink "$service/condition")")
  if [[ -n $condition && ! -e $sysroot/${condition#/sysroot/} ]]; then continue; fi
  say "starting ${service##*/}"
  SYSROOT=$sysroot bash "$sysroot$(readlink "$service/script")"
done
