#!/bin/sh
# sgdisk, sfdisk, fdisk, parted, partprobe, partx, blockdev, wipefs: the real ones; the partitions' nodes are there when they return.
name=$(basename "$0" .sh)
PATH=/usr/sbin:/usr/bin "$name" "$@"
code=$?
sync-devices
exit "$code"
