#!/usr/bin/env bash
# Holds this machine's deployment lock while the operator gives signs of life, and starts the supervisor, which inherits the lock.
# usage: lock.sh <run folder> <seconds to wait> <seconds of silence after which the operator counts as gone>
# stdin: the owner as one line of JSON, then lines "alive" or "start <attempt folder>"
# stdout: "busy <owner>", then "locked" or "refused <owner>"; "started" or "not-started" for each start
set -u
umask 077
run=$1
wait=$2
silence=$3

owner_now() { tr -d '\r\n' <"$run/owner.json" 2>/dev/null || printf '{}'; }

# The lock is passed on as an open file: it is free only when the last process that holds it has ended.
start() {
  local attempt=$1
  attempts+=("$attempt")
  if [ -d /run/systemd/system ]; then
    # A unit gets nothing but its standard streams from us, so the lock travels as standard input.
    setsid systemd-run --quiet --collect --no-ask-password --pipe --service-type=exec \
      --unit="fleet-deploy-${attempt##*/}" --setenv="PATH=$PATH" \
      -- "$(command -v sh)" "$attempt/supervise.sh" stdin "$attempt" <&9 >>"$attempt/log" 2>&1 9>&- &
  else
    setsid sh "$attempt/supervise.sh" 9 "$attempt" </dev/null >>"$attempt/log" 2>&1 &
  fi
  local left=100
  until [ -e "$attempt/state" ]; do
    left=$((left - 1))
    if [ "$left" -eq 0 ]; then
      echo not-started
      return
    fi
    sleep 0.1
  done
  echo started
}

mkdir -p "$run" || exit 1
IFS= read -r -t "$silence" owner || exit 0
exec 9>>"$run/lock" || exit 1
if ! flock -n 9; then
  printf 'busy %s\n' "$(owner_now)"
  if ! flock -w "$wait" 9; then
    printf 'refused %s\n' "$(owner_now)"
    exit 75
  fi
fi
printf '%s\n' "$owner" >"$run/owner.json.new" && mv "$run/owner.json.new" "$run/owner.json" || exit 1
echo locked || exit 0
attempts=()
while :; do
  read -r -t "$silence" -a words
  case $? in
  0) ;;
  1)
    # The operator has ended, or whoever held the connection for him: nobody will come any more by this way.
    for attempt in "${attempts[@]}"; do : >"$attempt/left"; done
    break
    ;;
  *) break ;;
  esac
  case ${words[0]-} in
  alive) ;;
  start) start "${words[1]}" ;;
  *) exit 64 ;;
  esac
done
