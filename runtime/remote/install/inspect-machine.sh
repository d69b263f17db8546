#!/bin/sh
# Reports what a machine is before anything on it is changed, as lines of "name value…". Changes nothing.
# usage: inspect-machine.sh <identity file> <install record> <disk record> [volume=<link to a cloud volume> | <device that is to be formatted>]…
# Contents of files are given in base64: "absent", "unreadable" or "present <base64>".
set -u

file_line() {
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then
    echo "$1 absent"
  elif [ -f "$2" ] && [ -r "$2" ]; then
    echo "$1 present $(base64 <"$2" | tr -d '\n')"
  else
    echo "$1 unreadable"
  fi
}

os_release() {
  if [ -r /etc/os-release ]; then
    # shellcheck source=/dev/null
    (. /etc/os-release && eval "printf '%s' \"\${$1-}\"")
  fi
}

# Names only: a file system's label may hold anything.
partition_line() {
  type=$(blkid -p -s TYPE -o value "$1" 2>/dev/null || true)
  echo "partition $1 $(blockdev --getsize64 "$1" 2>/dev/null || echo 0) ${type:-none}"
}

disk_lines() {
  for disk in /dev/sd[a-z] /dev/vd[a-z] /dev/xvd[a-z] /dev/nvme[0-9]n[0-9] /dev/mmcblk[0-9]; do
    [ -b "$disk" ] || continue
    type=$(blkid -p -s TYPE -o value "$disk" 2>/dev/null || true)
    echo "disk $disk $(blockdev --getsize64 "$disk" 2>/dev/null || echo 0) ${type:-none}"
    for partition in "$disk"[0-9]* "$disk"p[0-9]*; do
      if [ -b "$partition" ]; then partition_line "$partition"; fi
    done
  done
}

# How a device that the disk layout names is known here: "device <name> <kind> <what it resolves to>".
device_line() {
  resolved=$(readlink -f "$1" 2>/dev/null || true)
  if [ -z "$resolved" ] || [ ! -e "$resolved" ]; then
    echo "device $1 missing -"
    return
  fi
  if [ ! -b "$resolved" ]; then
    echo "device $1 no-device $resolved"
    return
  fi
  number=$(stat -c '%t %T' "$resolved")
  entry=/sys/dev/block/$((0x${number% *})):$((0x${number#* }))
  if [ -e "$entry/partition" ]; then
    echo "device $1 partition $resolved"
  elif [ "$(cat "$entry/ro" 2>/dev/null || echo 0)" != 0 ]; then
    echo "device $1 read-only $resolved"
  else
    echo "device $1 disk $resolved"
  fi
}

# Partitions of a volume are listed as well.
volume_lines() {
  for link in "$1" "$1"-part*; do
    if [ -e "$link" ]; then echo "volume $(readlink -f "$link")"; fi
  done
}

# disko names its partitions "disk-<disk>-<partition>": a mark that can be read where the file systems cannot.
mark_lines() {
  for link in /dev/disk/by-partlabel/disk-*; do
    if [ -e "$link" ]; then echo "mark ${link##*/} $(readlink -f "$link")"; fi
  done
}

# nixos-anywhere unpacks the installer into the home of the user who logs in.
home_line() {
  home=${HOME:-/}
  if [ -n "${SUDO_USER-}" ]; then home=$(getent passwd "$SUDO_USER" | cut -d : -f 6); fi
  echo "home $(df -Pk "$home" 2>/dev/null | awk 'END { printf "%.0f", $4 * 1024 }') $home"
}

# What the network is, as iproute2 says it in JSON; "absent" where there is no `ip`, or one too old for JSON.
network_line() {
  name=$1
  shift
  if json=$(ip -details -json "$@" 2>/dev/null) && [ -n "$json" ]; then
    echo "$name present $(printf '%s' "$json" | base64 | tr -d '\n')"
  else
    echo "$name absent"
  fi
}

# The machine's address that this very connection uses. sudo takes sshd's variables away from us, but not from our ancestors.
contact_line() {
  process=$$
  while [ "${process:-1}" -gt 1 ]; do
    connection=$({ tr '\0' '\n' <"/proc/$process/environ" | sed -n 's/^SSH_CONNECTION=//p'; } 2>/dev/null)
    if [ -n "$connection" ]; then
      echo "contact $(echo "$connection" | cut -d ' ' -f 3)"
      return
    fi
    process=$({ sed -n 's/^PPid:[[:space:]]*//p' <"/proc/$process/status"; } 2>/dev/null)
  done
  echo "contact -"
}

# nixos-images carries over the configuration of systemd-networkd, if that can report it (257 and newer).
networkd_line() {
  if systemctl is-active systemd-networkd >/dev/null 2>&1; then
    echo "networkd $(systemctl --version | awk 'NR == 1 { print $2 }')"
  else
    echo "networkd none"
  fi
}

# What an interrupted install may have left running: it must not run at the same time as the next one.
leftover_lines() {
  for process in /proc/[0-9]*; do
    for word in $({ tr '\0' '\n' <"$process/cmdline" | head -n 4; } 2>/dev/null); do
      case $word in
      /nix/store/*-disko* | */bin/nixos-install | nixos-install | fleet-leave-installer)
        echo "leftover ${process#/proc/} ${word##*/}"
        ;;
      esac
    done
  done
}

echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
echo "os $(os_release ID)"
echo "variant $(os_release VARIANT_ID)"
echo "architecture $(uname -m)"
echo "uid $(id -u)"
if [ -L /run/current-system ]; then echo "system $(readlink -f /run/current-system)"; fi
if grep -q ' /mnt ' /proc/mounts; then echo "mounted yes"; else echo "mounted no"; fi
file_line identity "$1"
file_line record "$2"
file_line disks "$3"
echo "memory $(awk '$1 == "MemTotal:" { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
if [ -d /sys/firmware/efi ]; then echo "firmware uefi"; else echo "firmware bios"; fi
echo "clock $(date +%s)"
home_line
contact_line
networkd_line
network_line addresses address show
network_line routes4 -4 route show
network_line routes6 -6 route show
shift 3
for argument in "$@"; do
  case $argument in
  volume=*) volume_lines "${argument#volume=}" ;;
  *) device_line "$argument" ;;
  esac
done
# Hetzner's volumes have ids of their own, however they were created.
for link in /dev/disk/by-id/scsi-0HC_Volume_*; do volume_lines "$link"; done
mark_lines
disk_lines
leftover_lines
echo "end inspect-machine"
