#!/bin/bash
# isolated.sh COMMAND…: runs a command as if on a freshly booted machine: processes, host name and network of its own, empty /run, /boot
# and /var/log, a copy-on-write /etc. Everything, services included, ends with the command.
set -euo pipefail
if [ "${1-}" != --inside ]; then
  exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --uts --net -- "$0" --inside "$@"
fi
shift
scratch=$(mktemp -d)
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$scratch/upper,workdir=$scratch/work" /etc
for folder in /run /boot /var/log; do
  if [ ! -d "$folder" ]; then
    echo "isolated.sh: there is no $folder to cover" >&2
    exit 1
  fi
  mount -t tmpfs tmpfs "$folder"
done
umount -l "$scratch"
rmdir "$scratch"
ip link set lo up
exec "$@"
