#!/bin/sh
# Stands in front of a program on PATH under its name: notes the call in $CALL_LOG, then becomes the real one.
set -eu
here=$(dirname "$0")
name=$(basename "$0")
printf '%s %s\n' "$name" "${1-}" >>"$CALL_LOG"
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -Fvx "$here" | paste -sd : -)
export PATH
exec "$name" "$@"
