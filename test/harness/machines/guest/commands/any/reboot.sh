#!/bin/sh
# reboot, poweroff, halt and shutdown: a word to process 1, or with -f the system call at once. In a process namespace the
# kernel ends process 1 with a signal that says which of the two it was; the machine's owner acts on it.
set -eu
name=$(basename "$0" .sh)
goal=off
force=
when=now
if [ "$name" = reboot ]; then goal=reboot; fi
while [ $# -gt 0 ]; do
  case $1 in
  -f | --force) force=1 ;;
  -r | --reboot) goal=reboot ;;
  -p | -P | --poweroff | -h | -H | --halt) [ "$name" != shutdown ] || goal=off ;;
  now | +0) when=now ;;
  *)
    echo "$name: $1 is not supported on a test machine" >&2
    exit 1
    ;;
  esac
  shift
done
[ "$when" = now ]
if [ -n "$force" ]; then
  if [ "$goal" = reboot ]; then exec busybox reboot -n -f; fi
  exec busybox poweroff -n -f
fi
if [ "$goal" = reboot ]; then exec kill -TERM 1; fi
exec kill -PWR 1
