#!/bin/sh
# Runs on the target: install-system.sh SYSTEM COPY_HOST_KEYS
set -eu
system=$1
copy_host_keys=$2
export PATH="$PATH:/run/current-system/sw/bin"

if [ ! -d /mnt/tmp ]; then
  mkdir -p /mnt/tmp
  chmod 777 /mnt/tmp
fi

if [ "$copy_host_keys" = y ]; then
  mkdir -p /mnt/etc/ssh
  for key in /etc/ssh/ssh_host_*; do
    if [ -e "$key" ] && [ ! -e "/mnt$key" ]; then cp -a "$key" "/mnt$key"; fi
  done
fi

nixos-install --no-root-passwd --no-channel-copy --system "$system"
