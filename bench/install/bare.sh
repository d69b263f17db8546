#!/usr/bin/env bash
# The steps of an install and nothing else: no lock, no guard, no preflight, no record, no host key, no deadline, nothing verified.
# usage: bare.sh <address> <private key> <kexec tarball> <disk script> <system>
set -euo pipefail
target=root@$1
key=$2
tarball=$3
disko=$4
system=$5
options=(-i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR)
options+=(-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no)

there() {
  # shellcheck disable=SC2029 # the command is put together here
  ssh "${options[@]}" "$target" "$@"
}
export NIX_SSHOPTS="${options[*]}"

until there true 2>/dev/null; do sleep 0.2; done
# shellcheck disable=SC2016 # the target's home
there 'tar -xz -C "$HOME" && "$HOME/kexec/run"' <"$tarball"
until there grep -q VARIANT_ID=installer /etc/os-release 2>/dev/null; do sleep 0.2; done
nix copy --to "ssh://$target" "$disko"
there "$disko"
nix copy --to "ssh://$target?remote-store=local%3Froot=/mnt" "$system"
there "nixos-install --no-root-passwd --no-channel-copy --system $system && sync && umount -R /mnt && reboot" || true
until [ "$(there readlink -f /run/current-system 2>/dev/null)" = "$system" ]; do sleep 0.2; done
