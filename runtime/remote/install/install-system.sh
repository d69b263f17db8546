#!/bin/sh
# Installs a system that is in the store below /mnt already: the last step of an install, as the pinned nixos-anywhere does it.
# usage: install-system.sh <system>
set -eu
# Outside of NixOS these are missing, and the chroot of the installation needs them.
export PATH="$PATH:/run/current-system/sw/bin"
# Secrets of the initial RAM disk are put together there.
if [ ! -d /mnt/tmp ]; then
  mkdir -p /mnt/tmp
  chmod 777 /mnt/tmp
fi
nixos-install --no-root-passwd --no-channel-copy --system "$1"
