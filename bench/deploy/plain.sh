#!/usr/bin/env bash
# What people write themselves: copy, then activate, each over a connection of its own; the same whether or not anything changed.
# usage: plain.sh <ssh configuration> <host> <old system> <new system>
set -euo pipefail
config=$1 host=$2 new=$4

NIX_SSHOPTS="-F $config" nix copy --no-check-sigs --to "ssh://$host" "$new"
# shellcheck disable=SC2029 # the store path is meant to be put in on this side
ssh -F "$config" "$host" \
  "nix-env -p /nix/var/nix/profiles/system --set $new && $new/bin/switch-to-configuration switch"
