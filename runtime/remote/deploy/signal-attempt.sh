#!/bin/sh
# Sends the supervisor of one attempt a signal of the operator. That this runs at all proves that a connection works.
# usage: signal-attempt.sh <attempt folder, whose name is the nonce of the attempt> <state in which the signal counts> <signal>
set -u
attempt=$1
if [ "$(cat "$attempt/state" 2>/dev/null)" = "$2" ]; then
  : >"$attempt/$3" && printf 'taken\n'
else
  printf 'too late\n'
fi
