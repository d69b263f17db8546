#!/bin/sh
# Waits until an attempt leaves a state, then tells how it stands, as lines of "name value".
# usage: follow.sh <attempt folder> <state already known, or -> <seconds to wait at most>
set -u
attempt=$1
known=$2
left=$(($3 * 10))

if [ ! -d "$attempt" ]; then
  printf 'state lost\nend follow\n'
  exit 0
fi
state() { cat "$attempt/state" 2>/dev/null || printf 'prepared\n'; }
until [ "$(state)" != "$known" ] || [ "$left" -le 0 ]; do
  sleep 0.1
  left=$((left - 1))
done
now=$(state)
printf 'state %s\n' "$now"
if [ "$now" = "done" ]; then
  sed 's/^/result /' "$attempt/result"
  tail -n 40 "$attempt/log" | sed 's/^/log /'
fi
printf 'end follow\n'
