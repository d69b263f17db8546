#!/bin/sh
# Leaves the installer: detaches the new system's file systems and reboots once the connection has ended.
set -u
sync
if command -v zpool >/dev/null && [ "$(zpool list -H 2>/dev/null)" != "" ]; then
  # A pool that was not exported is not imported at boot.
  umount -R /mnt
  swapoff -a
  zpool export -a
fi
# The name shows another install that inspects this machine what is about to happen.
nohup sh -c 'sleep 0.2; umount -R /mnt 2>/dev/null; reboot' fleet-leave-installer >/dev/null 2>&1 </dev/null &
