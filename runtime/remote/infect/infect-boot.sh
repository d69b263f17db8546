#!/bin/sh
# Makes the machine boot NixOS: moves the old /boot aside, mounts what NixOS has there, and installs its boot loader. A failure puts the
# old /boot back. Safe to run again.
# usage: infect-boot.sh <system> [<mount point at or below /boot> <device> <file system>]…
set -eu
system=$1
shift
aside=/boot.before-nixos
log=/run/fleet/infect-boot.log
# The operator may go away: this is no place to stop.
trap '' HUP PIPE
mkdir -p /run/fleet
# Nor to begin where another one is at work, whose operator has gone away.
exec 9>/run/fleet/infect-boot.lock
flock 9

below_boot() {
  awk '$2 == "/boot" || index($2, "/boot/") == 1 { print $2, $1, $3 }' /proc/mounts
}
unmount_boot() {
  below_boot | sort -r | while read -r place _; do umount "$place"; done
}

before=$(below_boot | sort)
put_back() {
  unmount_boot
  if [ -d "$aside" ]; then
    # What the failed boot loader left there.
    find /boot -mindepth 1 -delete
    rmdir /boot
    mv "$aside" /boot
  fi
  printf '%s\n' "$before" | while read -r place device type; do
    if [ -n "$place" ]; then mount -t "$type" "$device" "$place"; fi
  done
}
failed() {
  trap - EXIT
  put_back || echo "the old /boot could not be put back: it is $aside" >&2
  tail -n 30 "$log" >&2 2>/dev/null || true
  exit 1
}
trap failed EXIT

unmount_boot
if [ ! -d "$aside" ]; then mv /boot "$aside"; fi
mkdir -p /boot
while [ $# -ge 3 ]; do
  mkdir -p "$1"
  mount -t "$3" "$2" "$1"
  shift 3
done
NIXOS_INSTALL_BOOTLOADER=1 "$system/bin/switch-to-configuration" boot >"$log" 2>&1
trap - EXIT
sync
