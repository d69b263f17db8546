#!/bin/sh
# Reports what is on the disks of a machine that runs a rescue system or an installer, as lines of "name value…". Mounts each file
# system read-only, without even its journal's replay, and lets go of it again: changes nothing.
# usage: disk-contents.sh <identity file, relative to a system's root>
set -u

mount_at() {
  case $2 in
  ext2 | ext3 | ext4) mount -t "$2" -o ro,noload "$1" "$3" ;;
  xfs) mount -t xfs -o ro,norecovery,nouuid "$1" "$3" ;;
  btrfs) mount -t btrfs -o ro,rescue=nologreplay,subvolid=5 "$1" "$3" ;;
  *) return 1 ;;
  esac
}

# A system's root is the file system's own, or a subvolume in it.
look_into() {
  for root in "$2" "$2"/*; do
    if [ -f "$root/$identity" ]; then
      echo "identity $1 present $(base64 <"$root/$identity" | tr -d '\n')"
      # Links there lead into a store that may be on another file system.
      if [ -L "$root/nix/var/nix/profiles/system" ]; then echo "profile $1 yes"; else echo "profile $1 no"; fi
    elif [ -e "$root/$identity" ] || [ -L "$root/$identity" ]; then
      echo "identity $1 unreadable"
    fi
  done
  if [ -z "$(find "$2" -mindepth 1 -maxdepth 1 ! -name lost+found)" ]; then
    echo "content $1 empty"
  else
    echo "content $1 data"
  fi
}

partition_lines() {
  type=$(blkid -p -s TYPE -o value "$1" 2>/dev/null || true)
  case $type in
  '') return ;;
  vfat | swap)
    # Boot files at the most: no identity can be there.
    echo "content $1 empty"
    return
    ;;
  esac
  if mount_at "$1" "$type" "$mountpoint" 2>/dev/null; then
    look_into "$1" "$mountpoint"
    umount "$mountpoint"
  else
    echo "content $1 closed"
  fi
}

# Device numbers of what is mounted: the disks of a system that runs from them are in use.
in_use() {
  number=$(stat -c '%t %T' "$1")
  grep -q "^[0-9]* [0-9]* $((0x${number% *})):$((0x${number#* })) " /proc/self/mountinfo
}

identity=$1
mountpoint=$(mktemp -d) || exit 1
for disk in /dev/sd[a-z] /dev/vd[a-z] /dev/xvd[a-z] /dev/nvme[0-9]n[0-9] /dev/mmcblk[0-9]; do
  [ -b "$disk" ] || continue
  for device in "$disk" "$disk"[0-9]* "$disk"p[0-9]*; do
    [ -b "$device" ] || continue
    if in_use "$device"; then echo "used $device"; else partition_lines "$device"; fi
  done
done
rmdir "$mountpoint"
echo "end disk-contents"
