#!/bin/sh
# mount.sh DEVICE MOUNT_POINT TYPE AUTO_FORMAT AUTO_RESIZE: waits for a device, mounts it, and takes it off again when it is ended.
# As systemd-makefs(8), systemd-growfs(8): a blank device gets a file system if AUTO_FORMAT is `true`, and it fills its device if AUTO_RESIZE is.
set -eu
device=$1
mount_point=$2
type=$3
auto_format=$4
auto_resize=$5

# Links come and go with every disk: what one leads to stays.
until node=$(readlink -e "$device") && [ -b "$node" ]; do sleep 0.2; done
if [ "$auto_format" = true ] && ! blkid --probe "$node" >/dev/null; then mkfs -t "$type" -q "$node"; fi
mkdir -p "$mount_point"
mount -t "$type" "$node" "$mount_point"
if [ "$auto_resize" = true ] && [ "$type" = ext4 ]; then resize2fs "$node"; fi
trap 'umount "$mount_point"; exit 143' TERM
while :; do
  sleep 3600 &
  wait $!
done
