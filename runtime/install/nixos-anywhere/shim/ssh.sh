#!/bin/sh
# `ssh` as nixos-anywhere, ssh-copy-id and Nix see it: our own options come first, and for ssh the first value of an option wins
# (ssh_config(5)). So the pinned host key holds although nixos-anywhere asks for no verification.
#   FLEET_SHIM_SSH               the real program
#   FLEET_SHIM_SSH_OPTIONS       the options, separated by blanks (none of them holds any)
#   FLEET_SHIM_SSH_UNTIL_KEXEC   a file that ends the sharing of a connection by its absence: a kexec cuts connections without notice,
#                                and commands would wait on them
set -eu
: "${FLEET_SHIM_SSH:?}" "${FLEET_SHIM_SSH_OPTIONS:?}"
set -f
if [ -n "${FLEET_SHIM_SSH_UNTIL_KEXEC-}" ]; then
  case "$*" in *kexec*) rm -f "$FLEET_SHIM_SSH_UNTIL_KEXEC" ;; esac
fi
# shellcheck disable=SC2086 # One word an option.
exec "$FLEET_SHIM_SSH" $FLEET_SHIM_SSH_OPTIONS "$@"
