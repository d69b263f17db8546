#!/bin/sh
# Puts a host's identity and final host key into the system that is being installed.
# usage: install-identity.sh <root of the new system> <identity as JSON> <public host key> <disk layout as JSON, or nothing>
# stdin: the private host key
set -eu
root=$1

# Folders of the new system are for everybody to read, the key is for root alone from its first byte.
umask 022
mkdir -p "$root/etc/fleet" "$root/etc/ssh"
printf '%s\n' "$2" >"$root/etc/fleet/identity.json"
if [ -n "$4" ]; then
  printf '%s\n' "$4" >"$root/etc/fleet/disks.json.new"
  mv "$root/etc/fleet/disks.json.new" "$root/etc/fleet/disks.json"
else
  rm -f "$root/etc/fleet/disks.json"
fi
printf '%s\n' "$3" >"$root/etc/ssh/ssh_host_ed25519_key.pub"
umask 077
cat >"$root/etc/ssh/ssh_host_ed25519_key.new"
mv "$root/etc/ssh/ssh_host_ed25519_key.new" "$root/etc/ssh/ssh_host_ed25519_key"
sync
