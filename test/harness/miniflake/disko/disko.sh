#!/bin/bash
# disko.sh MODES ROOT DEVICE [LABEL TYPE SIZE FORMAT MOUNTPOINT OPTIONS]…
#
# MODES: comma-separated out of destroy, format, mount. `destroy` unmounts ROOT and wipes DEVICE; `format` makes what is missing (GPT
# partitions by label, file systems) and leaves what is there; `mount` mounts below ROOT. Running it again is safe in that sense.
# TYPE as for sgdisk(8); SIZE such as 512M, or 100% for the rest; `none` where a partition has no file system. For FORMAT luks OPTIONS are
# "password FILE", "key FILE" or "ask -", then arguments of cryptsetup-luksFormat(8).
# Exit codes: 0, or that of the first step that failed.
set -euo pipefail
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
modes=$1
root=$2
device=$3
shift 3

fail() {
  echo "disko: $*" >&2
  exit 1
}

wanted() {
  case ,$modes, in
  *,"$1",*) return 0 ;;
  esac
  return 1
}

# sgdisk tells the kernel; whoever makes device nodes needs a moment after that.
settle() {
  if command -v udevadm >/dev/null; then udevadm settle || true; fi
}

# node LABEL: the partition's device, once it exists; 15 seconds at most.
node() {
  waited=0
  until [ -b "/dev/disk/by-partlabel/$1" ]; do
    waited=$((waited + 1))
    if [ "$waited" -gt 150 ]; then fail "/dev/disk/by-partlabel/$1 did not appear within 15 seconds"; fi
    sleep 0.1
  done
  readlink -f "/dev/disk/by-partlabel/$1"
}

# has_partition NUMBER LABEL
has_partition() {
  sgdisk --info="$1" "$device" 2>/dev/null | grep -qF "Partition name: '$2'"
}

destroy() {
  if mountpoint -q "$root"; then umount -R "$root"; fi
  wipefs --all --quiet "$device"
  settle
}

# The commands of disko, up to opening: that takes the kernel's device mapper, so the key is only tried.
make_luks() {
  local partition kind file arguments key
  partition=$(node "$1")
  read -r kind file arguments <<<"$2"
  case $kind in
  ask) fail "nobody sits at the console to type the password of $1" ;;
  password) key=$(cat "$file") ;;
  key) key= ;;
  *) fail "unknown kind of key $kind" ;;
  esac
  with_key() {
    if [ "$kind" = key ]; then "$@" --key-file "$file"; else "$@" --key-file <(printf %s "$key"); fi
  }
  if ! blkid "$partition" >/dev/null || ! cryptsetup isLuks "$partition"; then
    # shellcheck disable=SC2086 # Words, as disko writes them.
    with_key cryptsetup -q luksFormat "$partition" $arguments
  fi
  with_key cryptsetup open --test-passphrase "$partition"
}

# Makes the partitions that are missing, in one go: each call of sgdisk takes a second.
create_partitions() {
  local number=0 commands=() created=() end
  while [ $# -gt 0 ]; do
    number=$((number + 1))
    if ! has_partition "$number" "$1"; then
      end=+$3
      if [ "$3" = 100% ]; then end=0; fi
      commands+=(--new="$number:0:$end" --typecode="$number:$2" --change-name="$number:$1")
      created+=("$1")
    fi
    shift 6
  done
  if [ ${#created[@]} -eq 0 ]; then return 0; fi
  sgdisk "${commands[@]}" "$device" >/dev/null
  settle
  # What an earlier file system left in the same place is not the new partition's content.
  for label in "${created[@]}"; do wipefs --all --quiet "$(node "$label")"; done
}

make_filesystem() {
  label=$1 format=$2
  partition=$(node "$label")
  if [ -n "$(blkid -p -o value -s TYPE "$partition")" ]; then return 0; fi
  case $format in
  ext4) mkfs.ext4 -q -F "$partition" ;;
  vfat) mkfs.vfat "$partition" >/dev/null ;;
  *) fail "unknown file system $format" ;;
  esac
}

mount_filesystem() {
  label=$1 mountpoint=$2 options=$3
  partition=$(node "$label")
  if mountpoint -q "$root$mountpoint"; then return 0; fi
  mkdir -p "$root$mountpoint"
  mount -o "$options" "$partition" "$root$mountpoint"
}

# The partitions' arguments, six each.
make_filesystems() {
  while [ $# -gt 0 ]; do
    case $4 in
    none) ;;
    luks) make_luks "$1" "$6" ;;
    *) make_filesystem "$1" "$4" ;;
    esac
    shift 6
  done
}

mount_all() {
  while [ $# -gt 0 ]; do
    if [ "$5" != none ]; then mount_filesystem "$1" "$5" "$6"; fi
    shift 6
  done
}

if [ ! -b "$device" ]; then fail "$device is not a block device"; fi
if [ $(($# % 6)) -ne 0 ]; then fail "a partition takes six arguments"; fi
if wanted destroy; then destroy; fi
if wanted format; then
  create_partitions "$@"
  make_filesystems "$@"
fi
if wanted mount; then mount_all "$@"; fi
