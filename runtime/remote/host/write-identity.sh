#!/bin/sh
# Says on a running system whose host it is; a crash leaves no half of it.
# usage: write-identity.sh <identity file> <identity as JSON>
set -eu
umask 022
mkdir -p "${1%/*}"
temporary=$1.new.$$
trap 'rm -f "$temporary"' EXIT
printf '%s\n' "$2" >"$temporary"
sync "$temporary"
mv "$temporary" "$1"
