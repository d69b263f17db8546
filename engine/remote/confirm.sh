#!/bin/sh
# Confirms one attempt. That this runs at all proves that a new connection to the new system works.
# usage: confirm.sh <attempt folder, whose name is the nonce of the attempt>
set -u
attempt=$1
if [ "$(cat "$attempt/state" 2>/dev/null)" = confirm ]; then
  : >"$attempt/confirmed" && printf 'confirmed\n'
else
  printf 'too late\n'
fi
