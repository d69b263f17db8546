#!/usr/bin/env bash
# Makes the kernel's partitions and the nodes and links of /dev match the machine's disks: the work of kernel and udev
# elsewhere. Here every disk is a loop device under another name, and the kernel may know no partition table at all.
#   usage: sync-devices [DEVICE_DIRECTORY [DISK_LIST]]
# Lines of the list: name in /dev, kernel name, name in by-id, name in by-path.
set -euo pipefail
shopt -s nullglob
# Not the wrappers, which call us.
PATH=/usr/sbin:/usr/bin:/sbin:/bin

devices=${1:-/dev}
list=${2:-/run/fleet-machine/hardware/disks}
exec 9>"$devices/.sync-devices"
flock 9

fresh=$devices/.disk-new
rm -rf "$fresh"
mkdir -p "$fresh"
wanted=" "

node() { # name, kernel name
  local number
  number=$(<"/sys/class/block/$2/dev")
  wanted+="$1 "
  if [[ -b $devices/$1 && $(stat --format '%Hr:%Lr' "$devices/$1") = "$number" ]]; then return; fi
  rm -f "$devices/$1"
  mknod -m 660 "$devices/$1" b "${number%:*}" "${number#*:}"
}

link() { # kind, name, device name
  [[ -n $2 ]] || return 0
  mkdir -p "$fresh/$1"
  ln -sfn "../../$3" "$fresh/$1/${2//\//\\x2f}"
}

content_links() { # device name
  local key value
  while IFS='=' read -r key value; do
    case $key in
    ID_FS_UUID_ENC) link by-uuid "$value" "$1" ;;
    ID_FS_LABEL_ENC) link by-label "$value" "$1" ;;
    ID_PART_ENTRY_NAME) link by-partlabel "$value" "$1" ;;
    ID_PART_ENTRY_UUID) link by-partuuid "$value" "$1" ;;
    esac
  done < <(blkid --probe --output udev "$devices/$1" 2>/dev/null)
}

# Partitions that are in use stay as they are, as everywhere.
read_partition_table() { # device name
  partx --update "$devices/$1" 2>/dev/null || {
    partx --show "$devices/$1" >/dev/null 2>&1 || partx --delete "$devices/$1" 2>/dev/null || true
  }
}

partitions() { # device name, kernel name, id, path
  local number partition
  for partition in "/sys/class/block/$2/$2"p*; do
    number=$(<"$partition/partition")
    node "$1$number" "${partition##*/}"
    link by-id "$3-part$number" "$1$number"
    link by-path "$4-part$number" "$1$number"
    content_links "$1$number"
  done
}

while read -r name kernel id path; do
  [[ -e /sys/class/block/$kernel/dev ]] || continue
  node "$name" "$kernel"
  read_partition_table "$name"
  link by-id "$id" "$name"
  link by-path "$path" "$name"
  partitions "$name" "$kernel" "$id" "$path"
  content_links "$name"
done <"$list"

for node in "$devices"/sd*; do
  case $wanted in *" ${node##*/} "*) ;; *) rm -f "$node" ;; esac
done
rm -rf "$devices/disk"
mv "$fresh" "$devices/disk"
