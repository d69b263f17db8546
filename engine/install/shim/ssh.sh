#!/bin/sh
# `ssh` as nixos-anywhere, ssh-copy-id and Nix see it: our own options come first, and for ssh the first value of an option wins
# (ssh_config(5)). So the pinned host key holds although nixos-anywhere asks for no verification.
#   FLEET_SSH          the real program
#   FLEET_SSH_OPTIONS  the options, separated by blanks (none of them holds any)
set -eu
: "${FLEET_SSH:?}" "${FLEET_SSH_OPTIONS:?}"
set -f
# shellcheck disable=SC2086 # One word an option.
exec "$FLEET_SSH" $FLEET_SSH_OPTIONS "$@"
