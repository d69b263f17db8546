#!/bin/sh
# Copied into bin/ of a prefix of Debian programs under a program's name: starts that program with the prefix's own loader
# and libraries.
set -eu
prefix=$(cd "$(dirname "$0")/.." && pwd)
for loader in "$prefix"/root/usr/lib/*-linux-gnu/ld-linux*.so.*; do :; done
exec "$loader" --library-path "${loader%/*}:${loader%/*}/systemd" "$prefix/root/usr/bin/${0##*/}" "$@"
