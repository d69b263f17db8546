#!/usr/bin/env bash
# Activates one system and rolls it back by itself unless it is healthy and confirmed. Depends on no connection: it lives in
# /run, its tools are resolved before activation, and until the commit the profile and the boot entry stay as they were.
# usage: supervisor.sh <lock descriptor: 9 or stdin> <attempt folder>
# Reads from the attempt folder: plan (runtime/deploy/attempt-spec.ts), checks, ignored-units, request.json; the words confirmed, approved,
# refused, contact of the operator, and left, when the operator's connection has ended.
# Leaves in it: state (activating, confirm, committing, reverting, reverted, done), result (lines of "name value").
set -u
umask 077
lock=$1 attempt=$2

trap '' HUP
if [ "$lock" = stdin ]; then
  exec 9<&0 </dev/null
fi
export HOME="${HOME:-/root}"
# shellcheck source=runtime/remote/deploy/transaction.sh
. "$attempt/transaction.sh"
# shellcheck source=runtime/remote/deploy/activation-rollback.sh
. "$attempt/activation-rollback.sh"
read_plan
PATH=$(resolve_path)
export PATH
now
started=$now

# Critical parts that differ (systemd, D-Bus) make a switch refuse itself; the next boot is their way in.
is_inhibited() {
  if [ ! -e /run/current-system/switch-inhibitors ] || [ ! -e "$new/switch-inhibitors" ]; then return 1; fi
  if cmp -s /run/current-system/switch-inhibitors "$new/switch-inhibitors"; then return 1; fi
  switch_to "$new" check "$activation_seconds"
  case $? in
  0 | 75) return 1 ;;
  esac
  printf 'fleet: critical parts of the system differ: it needs a reboot\n'
}

# What cannot be switched to starts at the next boot. A test of it would need that boot.
stage() {
  if [ "$goal" = test ]; then finish failed inhibited 100; fi
  commit
  finish staged inhibited 0
}

activate() {
  enter activating
  signs_of_contact >"$attempt/signs.before" 9>&- &
  looking=$!
  health units >"$attempt/units.before"
  wait "$looking"
  now
  since=$now
  switch_to "$new" test "$activation_seconds"
  code=$?
  lasted activation "$since"
  case $code in
  0) return ;;
  75) finish failed busy 75 ;;
  esac
  # Code 1 means that nothing was applied, code 100 that nothing can be without a reboot.
  current
  if [ "$code" -eq 1 ] && [ "$current" = "$old" ]; then finish failed activation 1; fi
  if [ "$code" -eq 100 ] && [ "$current" = "$old" ]; then stage; fi
  if [ "$code" -eq 4 ]; then
    health units >"$attempt/units.after"
    judge_units "$attempt/units.after"
    # All that fails has failed before, or may.
    if [ -s "$attempt/units.trouble" ] && ! grep -q '^worse ' "$attempt/units.trouble"; then return; fi
  fi
  give_up activation "$code"
}

# usage: judge_units [list of the units now; without it they are asked once more]
judge_units() {
  health compare "$attempt/units.before" "$attempt/units.after" "$attempt/ignored-units" "$@" >"$attempt/units.trouble.new"
  mv "$attempt/units.trouble.new" "$attempt/units.trouble"
}

# Units and checks are judged side by side; the verdict file comes last. What an activation has restarted is counted right away.
judge_health() {
  if [ ! -e "$attempt/units.after" ]; then
    health units >"$attempt/units.after.new"
    mv "$attempt/units.after.new" "$attempt/units.after"
  fi
  health checks "$attempt/checks" "$settle" "$health_deadline" >"$attempt/checks.result" &
  if [ "$settle" -eq 0 ]; then
    judge_units "$attempt/units.after"
  else
    sleep "$settle_seconds"
    judge_units
  fi
  # Nothing that a check may still find would help.
  if grep -q '^worse ' "$attempt/units.trouble"; then
    pronounce units
    return
  fi
  wait
  # A check that has said nothing does not hold.
  if [ "$(grep -c '^check [0-9]* ok ' "$attempt/checks.result")" -eq "$(grep -c . "$attempt/checks")" ]; then pronounce good; else pronounce check; fi
}

pronounce() {
  printf '%s\n' "$1" >"$attempt/verdict.new"
  mv "$attempt/verdict.new" "$attempt/verdict"
}

# Ends when the system is healthy and the operator has come through, and where asked has found it well too.
await_verdicts() {
  enter confirm
  now
  since=$now
  judge_health 9>&- &
  judging=$!
  contact_until=$((since + confirmation_seconds * 100))
  approval_until=$((contact_until + health_deadline))
  # The last try of a check may begin at the deadline, and take as long again.
  verdict_until=$((since + settle + 2 * health_deadline + 3000))
  verdict=
  while :; do
    now
    if [ -e "$attempt/verdict" ]; then read -r verdict <"$attempt/verdict"; fi
    case $verdict in
    units | check) give_up "$verdict" 0 ;;
    esac
    if [ -e "$attempt/refused" ]; then give_up check 0; fi
    if [ ! -e "$attempt/confirmed" ]; then
      if [ "$now" -ge "$contact_until" ]; then give_up confirmation 0; fi
    elif [ "$verdict" = good ]; then
      if [ "$approval" = no ] || [ -e "$attempt/approved" ]; then break; fi
      if [ "$now" -ge "$approval_until" ]; then give_up confirmation 0; fi
    elif [ "$now" -ge "$verdict_until" ]; then
      give_up check 0
    fi
    pause 0.03
  done
  lasted health "$since"
}

case $goal in
switch | test)
  if is_inhibited; then stage; fi
  activate
  await_verdicts
  if [ "$goal" = test ]; then finish tested none 0; fi
  commit
  finish deployed none 0
  ;;
boot)
  commit
  finish staged none 0
  ;;
record)
  # The system runs already and it is not confirmed yet, such as after an install.
  commit
  finish unchanged none 0
  ;;
dry-activate)
  enter activating
  switch_to "$new" dry-activate "$activation_seconds"
  code=$?
  if [ "$code" -eq 0 ]; then finish checked none 0; fi
  finish failed activation "$code"
  ;;
*)
  printf 'fleet: unknown goal %s\n' "$goal"
  finish failed activation 64
  ;;
esac
