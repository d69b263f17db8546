#!/usr/bin/env bash
# Holds this machine's deployment lock while the operator gives signs of life, and starts the supervisor, which inherits the lock.
# usage: hold-lock.sh <run folder> <seconds to wait> <seconds of silence after which the operator counts as gone>
#          [<text of inspect-host.sh> <text of prepare-attempt.sh> <state folder>]
# stdin: the owner as one line of JSON, then lines "alive", "start <attempt folder>", or
#   "prepare <number of bytes> <arguments of prepare-attempt.sh>" with that many bytes for its standard input behind it
# stdout: "busy <owner>", then "locked" or "refused <owner>", and after "locked" what inspect-host.sh prints, if that is given;
#   "started" or "not-started" for each start, "prepared" or "not-prepared <why>" for each prepare
set -u
umask 077
run=$1
wait=$2
silence=$3
inspect=${4-}
prepare=${5-}
records=${6-}

# Waits without starting a program: nothing ever writes there.
exec {nothing}<> <(:)
pause() { read -r -t "$1" -u "$nothing" _; }

owner_now() { tr -d '\r\n' <"$run/owner.json" 2>/dev/null || printf '{}'; }

# The lock is passed on as an open file: it is free only when the last process that holds it has ended.
start() {
  local attempt=$1
  attempts+=("$attempt")
  if [ -d /run/systemd/system ]; then
    # A unit gets nothing but its standard streams from us, so the lock travels as standard input.
    setsid systemd-run --quiet --collect --no-ask-password --pipe --service-type=exec \
      --unit="fleet-deploy-${attempt##*/}" --setenv="PATH=$PATH" \
      -- "$(command -v bash)" "$attempt/supervisor.sh" stdin "$attempt" <&9 >>"$attempt/log" 2>&1 9>&- &
  else
    setsid bash "$attempt/supervisor.sh" 9 "$attempt" </dev/null >>"$attempt/log" 2>&1 &
  fi
  local left=140
  until [ -e "$attempt/state" ]; do
    left=$((left - 1))
    if [ "$left" -eq 0 ]; then
      echo not-started
      return
    fi
    # It mostly takes a moment only.
    if [ "$left" -gt 90 ]; then pause 0.02; else pause 0.1; fi
  done
  echo started
}

# usage: prepare <number of bytes> <argument…>
prepare() {
  local bytes=$1 words
  shift
  # An operator that stops in the middle must not hold the lock for ever.
  if words=$(timeout "$silence" head -c "$bytes" 9>&- | bash -c "$prepare" fleet-prepare-attempt "$@" 2>&1 9>&-); then
    echo prepared
  else
    printf 'not-prepared %s\n' "$(tr '\n' ' ' <<<"$words")"
  fi
}

if [ ! -d "$run" ]; then mkdir -p "$run" || exit 1; fi
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
if [ -n "$inspect" ]; then sh -c "$inspect" fleet-inspect-host "$run" "$records" </dev/null 9>&-; fi
attempts=()
while :; do
  read -r -t "$silence" -a words
  case $? in
  0) ;;
  1)
    # The operator has ended, or its connection has: no more input will come.
    for attempt in "${attempts[@]}"; do : >"$attempt/left"; done
    break
    ;;
  *) break ;;
  esac
  case ${words[0]-} in
  alive) ;;
  start) start "${words[1]}" ;;
  prepare) prepare "${words[@]:1}" ;;
  *) exit 64 ;;
  esac
done
