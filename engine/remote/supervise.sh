#!/bin/sh
# Brings one system into force and takes it back by itself unless it is confirmed. Depends on no connection: it lives in /run, its
# tools are resolved before activation, and until the commit the profile and the boot entry stay as they were.
# usage: supervise.sh <lock descriptor: 9 or stdin> <attempt folder> <goal> <old system> <new system>
#                     <activation seconds> <confirmation seconds> <state folder>
# Leaves in the attempt folder: state (activating, confirm, committing, reverting, done), result (lines of "name value").
set -u
umask 077
lock=$1 attempt=$2 goal=$3 old=$4 new=$5 activation_seconds=$6 confirmation_seconds=$7 records=$8
profile=/nix/var/nix/profiles/system
roots=/nix/var/nix/gcroots/fleet
switch_lock=/run/nixos/switch-to-configuration.lock
history_lines=500

trap '' HUP
if [ "$lock" = stdin ]; then
  exec 9<&0 </dev/null
fi
export HOME="${HOME:-/root}"

# /run/current-system/sw/bin is another folder after activation; the store path behind it stays.
resolve_path() {
  resolved=
  rest=$PATH:
  while [ -n "$rest" ]; do
    folder=${rest%%:*}
    rest=${rest#*:}
    physical=$(cd -P -- "$folder" 2>/dev/null && pwd) || continue
    resolved=${resolved:+$resolved:}$physical
  done
  printf '%s\n' "$resolved"
}

# Monotonic: the clock may jump while a new system is activated.
now() {
  read -r up _ </proc/uptime
  printf '%s\n' "${up%.*}"
}

enter() {
  printf '%s\n' "$1" >"$attempt/state.new"
  mv "$attempt/state.new" "$attempt/state"
}

current() { readlink -f /run/current-system; }

generation() {
  link=$(readlink "$profile") || return 0
  link=${link#system-}
  printf '%s\n' "${link%-link}"
}

# Nothing that an activation starts may inherit the lock.
switch_to() {
  if [ -e "$switch_lock" ] && ! flock -w "$3" "$switch_lock" true 9>&-; then
    printf 'fleet: %s is still held after %s s\n' "$switch_lock" "$3"
    return 75
  fi
  timeout -k 5 "$3" "$1/bin/switch-to-configuration" "$2" </dev/null 9>&-
}

# Lines of "name value" for the operator, one line of JSON for the history, the record of what was confirmed last.
finish() {
  outcome=$1 reason=$2 code=$3 reverted=$4
  umask 022
  seconds=$(($(now) - started))
  number=$(generation)
  time=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  mkdir -p "$records"
  line=$(printf '{"version":1,"time":"%s","outcome":"%s","reason":"%s","exitCode":%s,"reverted":"%s","from":"%s","to":"%s","current":"%s","generation":%s,"seconds":%s,"request":%s}' \
    "$time" "$outcome" "$reason" "$code" "$reverted" "$old" "$new" "$(current)" "${number:-null}" "$seconds" "$(cat "$attempt/request.json")")
  {
    tail -n $((history_lines - 1)) "$records/history.jsonl" 2>/dev/null
    printf '%s\n' "$line"
  } >"$records/history.jsonl.new" &&
    mv "$records/history.jsonl.new" "$records/history.jsonl"
  case $outcome in
  deployed | staged | tested | recorded)
    printf '{"version":1,"time":"%s","system":"%s","outcome":"%s","generation":%s}\n' "$time" "$new" "$outcome" "${number:-null}" \
      >"$records/confirmed.json.new" && mv "$records/confirmed.json.new" "$records/confirmed.json"
    mv -T "$roots/next" "$roots/confirmed"
    ;;
  *) rm -f "$roots/next" ;;
  esac
  printf '%s\n' "outcome $outcome" "reason $reason" "exit-code $code" "reverted $reverted" "current $(current)" \
    "generation ${number:--}" "seconds $seconds" >"$attempt/result"
  enter "done"
  exit 0
}

# Restores the old system by path. The checks that may refuse a switch must not stop the way back.
revert() {
  enter reverting
  printf 'fleet: back to %s\n' "$old"
  if NIXOS_NO_CHECK=1 switch_to "$old" test "$activation_seconds"; then
    printf 'yes\n' >"$attempt/reverted"
  else
    printf 'with-errors\n' >"$attempt/reverted"
  fi
  if [ "$(current)" != "$old" ]; then
    printf 'no\n' >"$attempt/reverted"
  fi
}

activate() {
  enter activating
  switch_to "$new" test "$activation_seconds"
  code=$?
  case $code in
  0) return ;;
  75) finish failed busy 75 not-needed ;;
  esac
  # Code 1 means that nothing was applied.
  if [ "$code" -eq 1 ] && [ "$(current)" = "$old" ]; then
    finish failed activation "$code" not-needed
  fi
  revert
  finish failed activation "$code" "$(cat "$attempt/reverted")"
}

await_confirmation() {
  enter confirm
  deadline=$(($(now) + confirmation_seconds))
  until [ -e "$attempt/confirmed" ]; do
    if [ "$(now)" -ge "$deadline" ]; then
      revert
      finish failed confirmation 0 "$(cat "$attempt/reverted")"
    fi
    sleep 0.1
  done
}

# Setting the profile back with --set would leave the failed system in the boot menu: go back by number, remove what was added.
commit() {
  enter committing
  before=$(generation)
  nix-env -p "$profile" --set "$new" 9>&- && switch_to "$new" boot "$activation_seconds"
  code=$?
  if [ "$code" -eq 0 ]; then
    return
  fi
  after=$(generation)
  if [ -n "$before" ] && [ "$after" != "$before" ]; then
    nix-env -p "$profile" --switch-generation "$before" 9>&-
    nix-env -p "$profile" --delete-generations "$after" 9>&-
    NIXOS_NO_CHECK=1 switch_to "$(readlink -f "$profile")" boot "$activation_seconds"
  fi
  if [ "$goal" = switch ]; then
    revert
    finish failed commit "$code" "$(cat "$attempt/reverted")"
  fi
  finish failed commit "$code" not-needed
}

PATH=$(resolve_path)
export PATH
started=$(now)
case $goal in
switch)
  activate
  await_confirmation
  commit
  finish deployed none 0 not-needed
  ;;
test)
  activate
  await_confirmation
  finish tested none 0 not-needed
  ;;
boot)
  commit
  finish staged none 0 not-needed
  ;;
record)
  # The system runs already and nobody has confirmed it yet, such as after an install.
  commit
  finish recorded none 0 not-needed
  ;;
dry-activate)
  enter activating
  switch_to "$new" dry-activate "$activation_seconds"
  code=$?
  if [ "$code" -eq 0 ]; then
    finish checked none 0 not-needed
  fi
  finish failed activation "$code" not-needed
  ;;
*)
  printf 'fleet: unknown goal %s\n' "$goal"
  finish failed activation 64 not-needed
  ;;
esac
