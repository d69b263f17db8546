#!/usr/bin/env bash
# Reports the state of an attempt until it is done, as blocks of lines "name value", each with a last line "end watch-attempt".
# Then the output of a program that inspects the host.
# usage: watch-attempt.sh <attempt folder> <seconds until it ends in any case> <text of inspect-host.sh> <its arguments…>
set -u
attempt=$1
left=$(($2 * 33))
look=$3
shift 3

if [ ! -d "$attempt" ]; then
  printf 'state lost\nend watch-attempt\n'
  exit 0
fi

# Waits without starting a program: nothing ever writes there.
exec {nothing}<> <(:)
pause() { read -r -t 0.03 -u "$nothing"; }

told=
quiet=0
while :; do
  now=prepared
  if [ -e "$attempt/state" ]; then read -r now <"$attempt/state"; fi
  if [ "$now" = "done" ]; then break; fi
  # A sign of life now and then, for those who wait at the other end.
  if [ "$now" != "$told" ] || [ "$quiet" -ge 15 ]; then
    printf 'state %s\nend watch-attempt\n' "$now" || exit 0
    told=$now
    quiet=0
  fi
  if [ "$left" -le 0 ]; then exit 0; fi
  pause
  left=$((left - 1))
  quiet=$((quiet + 1))
done
printf 'state done\n'
while IFS= read -r line; do printf 'result %s\n' "$line"; done <"$attempt/result"
tail -n 40 "$attempt/log" | sed 's/^/log /'
printf 'end watch-attempt\n'
exec sh -c "$look" fleet-inspect-host "$@"
