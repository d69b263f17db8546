#!/bin/sh
# Puts a host's identity and final host key where they outlast the old system, and says that the next boot is to move it away.
# usage: infect-install-identity.sh <identity as JSON> <public host key>
# stdin: the private host key
set -eu
key=/etc/ssh/ssh_host_ed25519_key
umask 022
mkdir -p /etc/fleet /etc/ssh
printf '%s\n' "$1" >/etc/fleet/identity.json
if [ -e "$key" ] && [ ! -e "$key.before-fleet" ]; then cp -p "$key" "$key.before-fleet"; fi
printf '%s\n' "$2" >"$key.pub"
umask 077
cat >"$key.new"
mv "$key.new" "$key"
umask 022
: >/etc/NIXOS
{
  printf '%s\n' etc/fleet/identity.json etc/ssh/ssh_host_ed25519_key etc/ssh/ssh_host_ed25519_key.pub
  # Many DHCP servers know a machine by it.
  if [ -s /etc/machine-id ]; then echo etc/machine-id; fi
} >/etc/NIXOS_LUSTRATE
sync
