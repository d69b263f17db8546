#!/bin/sh
# `ssh` as Nix sees it while it copies to a machine where we are not root: Nix itself can name a program on that machine, but not one with
# arguments that need quoting, and cannot write a password ahead of its own protocol.
#   FLEET_SHIM_SSH          the real program
#   FLEET_SHIM_NIX_DAEMON   what replaces the word fleet-nix-daemon, quoted for the machine's shell
#   FLEET_SHIM_AHEAD        file with what standard input begins with there; may be empty
set -eu
: "${FLEET_SHIM_SSH:?}" "${FLEET_SHIM_NIX_DAEMON:?}" "${FLEET_SHIM_AHEAD:?}"
ours=no
for word in "$@"; do
  shift
  case $word in
  fleet-nix-daemon*)
    word=$FLEET_SHIM_NIX_DAEMON${word#fleet-nix-daemon}
    ours=yes
    ;;
  esac
  set -- "$@" "$word"
done
if [ "$ours" = no ] || [ ! -s "$FLEET_SHIM_AHEAD" ]; then
  exec "$FLEET_SHIM_SSH" "$@"
fi
# Nix waits for ssh and not for what feeds it.
mkfifo "$FLEET_SHIM_AHEAD.$$"
trap 'rm -f "$FLEET_SHIM_AHEAD.$$"' EXIT
exec 3<&0
{
  cat "$FLEET_SHIM_AHEAD"
  exec cat <&3
} >"$FLEET_SHIM_AHEAD.$$" &
exec 3<&-
"$FLEET_SHIM_SSH" "$@" <"$FLEET_SHIM_AHEAD.$$"
