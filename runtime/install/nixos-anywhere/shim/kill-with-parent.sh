#!/bin/sh
# Runs a program that must not outlive its owner: when the owner's process is gone, even by SIGKILL, the whole process group ends.
# usage: leash.sh <pid of the owner> <program> [argument…]
set -eu
owner=$1
shift

watch() {
  while kill -0 "$owner" 2>/dev/null; do sleep 1; done
  kill -TERM 0
}

# Its output is discarded: a reader of the program's output would wait for the last sleep.
watch >/dev/null 2>&1 &
watcher=$!
code=0
"$@" || code=$?
kill "$watcher" 2>/dev/null || true
exit "$code"
