#!/usr/bin/env bash
# isolated.sh BASE COMMAND…: runs a command as if on a freshly booted machine: processes, host name and network of its own, and a root of
# its own over the userland in BASE, with this world's /nix. Everything, services included, ends with the command.
set -euo pipefail
if [ "${1-}" != --inside ]; then
  exec unshare --mount --propagation private --pid --fork --kill-child --uts --net -- \
    bash "${BASH_SOURCE[0]}" --inside "$@"
fi
base=$2
shift 2
root=$(mktemp -d)
mount -t tmpfs tmpfs "$root"
mkdir "$root/upper" "$root/work" "$root/machine"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$root/upper,workdir=$root/work" "$root/machine"
cd "$root/machine"
mkdir -p nix .old
# It is none of the test machines, whose network the miniature may cut off.
rm -r usr/lib/fleet-machine
mount --rbind /nix nix
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys
for folder in run boot tmp var/log; do mount -t tmpfs tmpfs "$folder"; done
pivot_root . .old
umount -l /.old/"$root"
rmdir "/.old/$root"
umount -l /.old
rmdir /.old
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
ip link set lo up
exec "$@"
