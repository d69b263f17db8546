#!/bin/sh
# Replaces a file at once by standard input: a crash leaves the old or the new content, never half of it.
# usage: write-file.sh <path> <mode>
set -eu
umask 077
mkdir -p "${1%/*}"
temporary=$1.new.$$
trap 'rm -f "$temporary"' EXIT
cat >"$temporary"
chmod "$2" "$temporary"
mv "$temporary" "$1"
