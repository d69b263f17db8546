#!/bin/sh
# Prints this host's deployments, oldest first, as lines "entry <JSON>". Changes nothing.
# usage: read-history.sh <state folder> <how many at most>
set -u
if [ -r "$1/history.jsonl" ]; then
  tail -n "$2" "$1/history.jsonl" | sed 's/^/entry /'
fi
# A last line that was cut has no end; an empty one does no harm.
printf '\nend read-history\n'
