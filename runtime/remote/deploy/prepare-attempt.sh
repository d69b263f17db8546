#!/usr/bin/env bash
# Makes the folder of one attempt and protects both closures from garbage collection, the new one before it is copied.
# usage: prepare-attempt.sh <attempt folder> <old system> <new system>
# stdin: the files of the attempt, each a line "<name> <number of bytes>" and that many bytes; lastly a line "end"
set -eu
umask 077
attempt=$1
old=$2
new=$3
roots=/nix/var/nix/gcroots/fleet

if [ ! -d "${attempt%/*}" ]; then mkdir -p "${attempt%/*}"; fi
# Logs of the past day stay for the analysis of a failure.
find "${attempt%/*}" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} +
mkdir "$attempt"
name=
while [ "$name" != end ]; do
  read -r name bytes
  text=
  if [ "$name" != end ]; then
    # Nothing to read is an end to `read`.
    if [ "$bytes" -gt 0 ]; then LC_ALL=C IFS= read -r -N "$bytes" text; fi
    printf '%s' "$text" >"$attempt/$name"
  fi
done
if [ ! -d "$roots" ]; then mkdir -p "$roots"; fi
ln -sfn "$old" "$roots/previous"
ln -sfn "$new" "$roots/next"
