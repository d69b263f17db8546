#!/usr/bin/env bash
# Parts of the supervisor that every goal needs; read by supervisor.sh, which sets `attempt`.
# What the shell does by itself starts no program; what a function finds out it leaves in a variable of its name.
# shellcheck disable=SC2034,SC2154 # Variables of the supervisor.
profile=/nix/var/nix/profiles/system
roots=/nix/var/nix/gcroots/fleet
switch_lock=/run/nixos/switch-to-configuration.lock
history_lines=500
kept_logs=20
reverted=not-needed
rebooted=false
durations=

# Lines of "name value"; see runtime/deploy/attempt-spec.ts.
read_plan() {
  while read -r name value; do
    case $name in
    goal) goal=$value ;;
    old) old=$value ;;
    new) new=$value ;;
    activation-seconds) activation_seconds=$value ;;
    confirmation-seconds) confirmation_seconds=$value ;;
    contact-seconds) contact_seconds=$value ;;
    settle-seconds) settle_seconds=$value ;;
    settle) settle=$value ;;
    health-deadline) health_deadline=$value ;;
    approval) approval=$value ;;
    ssh-port) ssh_port=$value ;;
    generation) wanted_generation=$value ;;
    keep-generations) keep_generations=$value ;;
    records) records=$value ;;
    *)
      printf 'fleet: unknown line in the plan: %s\n' "$name"
      exit 64
      ;;
    esac
  done <"$attempt/plan"
}

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

# Hundredths of a second, monotonic: the clock may jump while a new system is activated.
now() {
  read -r up _ </proc/uptime
  now=$((10#${up%.*}${up#*.}))
}

in_seconds() { printf -v in_seconds '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

# Waits that many seconds: nothing ever writes to its descriptor.
exec {silence}<> <(:)
pause() { read -r -t "$1" -u "$silence" _; }

# Notes how long a step took: name, its beginning.
lasted() {
  now
  in_seconds $((now - $2))
  durations=${durations:+$durations,}\"$1\":$in_seconds
}

enter() {
  printf '%s\n' "$1" >"$attempt/state.new"
  mv "$attempt/state.new" "$attempt/state"
}

current() { current=$(readlink -f /run/current-system); }

# Empty where the profile is none.
generation() {
  generation=$(readlink "$profile") || return 0
  generation=${generation#system-}
  generation=${generation%-link}
}

# Nothing that is started here may inherit the lock.
health() { bash "$attempt/run-checks.sh" "$@" 9>&-; }

# Waits for a switch of another program to end: 75 when it does not. Nothing that an activation starts may inherit our lock.
switch_to() {
  now
  give_up_at=$((now + $3 * 100))
  while :; do
    now
    left=$(((give_up_at - now + 99) / 100))
    if [ -e "$switch_lock" ] && ! { [ "$left" -gt 0 ] && flock -w "$left" "$switch_lock" true 9>&-; }; then
      printf 'fleet: %s is still held after %s s\n' "$switch_lock" "$3"
      return 75
    fi
    timeout -k 5 "$3" "$1/bin/switch-to-configuration" "$2" </dev/null 9>&-
    switched=$?
    # The other one may have come between our look and our start.
    if [ "$switched" -ne 1 ] || [ ! -e "$switch_lock" ] || flock -n "$switch_lock" true 9>&-; then return "$switched"; fi
  done
}

set_profile() {
  if [ "$wanted_generation" = - ]; then
    nix-env -p "$profile" --set "$new" 9>&-
  elif [ "$(readlink -f "$profile-$wanted_generation-link")" = "$new" ]; then
    nix-env -p "$profile" --switch-generation "$wanted_generation" 9>&-
  else
    printf 'fleet: generation %s is not %s\n' "$wanted_generation" "$new"
    return 1
  fi
}

# Setting the profile back with --set would leave the failed system in the boot menu: roll back by number, remove what was added.
commit() {
  enter committing
  now
  since=$now
  generation
  before=$generation
  set_profile && prune_generations "$before" && switch_to "$new" boot "$activation_seconds" && end_boot_trial
  code=$?
  lasted commit "$since"
  if [ "$code" -eq 0 ]; then
    return
  fi
  generation
  if [ -n "$before" ] && [ "$generation" != "$before" ]; then
    nix-env -p "$profile" --switch-generation "$before" 9>&-
    if [ "$wanted_generation" = - ]; then nix-env -p "$profile" --delete-generations "$generation" 9>&-; fi
    NIXOS_NO_CHECK=1 switch_to "$(readlink -f "$profile")" boot "$activation_seconds"
  fi
  current
  if [ "$current" != "$old" ]; then give_up commit "$code"; fi
  finish failed commit "$code"
}

# After a boot on trial that was not ended (oneshot-boot.sh) the firmware names a system, whatever the boot loader's configuration says.
end_boot_trial() {
  if [ ! -e "$records/oneshot-boot" ]; then return; fi
  bootctl set-oneshot "" 9>&-
  bootctl set-default "" 9>&- && rm -f "$records/oneshot-boot"
}

# The newest generations stay, and any that is active or needed to roll back. Before the boot entries are written, so that none of them is
# left without its system. usage: prune_generations <number of the generation before this one>
prune_generations() {
  set -- "$1" "$profile"-*-link
  if [ $(($# - 1)) -le "$keep_generations" ]; then return; fi
  position=0
  doomed=
  for number in $(for link in "$profile"-*-link; do printf '%s\n' "${link#"$profile-"}"; done | sed -n 's/^\([0-9][0-9]*\)-link$/\1/p' | sort -rn); do
    position=$((position + 1))
    if [ "$position" -le "$keep_generations" ] || [ "$number" = "$1" ]; then continue; fi
    is_needed "$(readlink -f "$profile-$number-link")" || doomed="$doomed $number"
  done
  if [ -z "$doomed" ]; then return; fi
  # shellcheck disable=SC2086 # Numbers.
  nix-env -p "$profile" --delete-generations $doomed 9>&- || printf 'fleet: old generations could not be removed\n'
}

is_needed() {
  for path in "$old" "$new" /run/booted-system /run/current-system "$roots/confirmed" "$roots/previous"; do
    if [ "$(readlink -f "$path")" = "$1" ]; then return 0; fi
  done
  return 1
}

# Unit names may hold backslashes, and nothing else that JSON would have to escape.
units_json() {
  if [ ! -s "$attempt/units.trouble" ]; then return; fi
  sed -n "s/^$1 \([^ ]*\) .*/\1/p" "$attempt/units.trouble" | sed 's/\\/\\\\/g; s/.*/"&"/' | paste -s -d , -
}

checks_json() {
  if [ ! -s "$attempt/checks.result" ]; then return; fi
  sed -n 's/^check \([0-9]*\) \([a-z]*\) \([0-9.]*\) .*/{"check":\1,"outcome":"\2","seconds":\3}/p' "$attempt/checks.result" |
    paste -s -d , -
}

history_line() {
  printf '{"version":1,"attempt":"%s","time":"%s","outcome":"%s","reason":"%s","exitCode":%s,"reverted":"%s","rebooted":%s' \
    "${attempt##*/}" "$time" "$outcome" "$reason" "$code" "$reverted" "$rebooted"
  printf ',"from":"%s","to":"%s","current":"%s","generation":%s' "$old" "$new" "$current" "${generation:-null}"
  printf ',"seconds":%s,"durations":{%s},"checks":[%s],"units":{"worse":[%s],"ignored":[%s]}' \
    "$seconds" "$durations" "$(checks_json)" "$(units_json worse)" "$(units_json ignored)"
  IFS= read -r request <"$attempt/request.json"
  printf ',"request":%s}\n' "$request"
}

# Lines of "name value" for the operator, one line of JSON for the history, the record of what was confirmed last.
# usage: finish <outcome> <reason> <exit code>
finish() {
  outcome=$1 reason=$2 code=$3
  umask 022
  now
  in_seconds $((now - started))
  seconds=$in_seconds
  generation
  current
  time=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if [ ! -d "$records" ]; then mkdir -p "$records"; fi
  if
    {
      tail -n $((history_lines - 1)) "$records/history.jsonl" 2>/dev/null
      # A last line that was cut, by a power failure, must not swallow this one.
      if [ -n "$(tail -c 1 "$records/history.jsonl" 2>/dev/null)" ]; then echo; fi
      history_line
    } >"$records/history.jsonl.new"
  then mv "$records/history.jsonl.new" "$records/history.jsonl"; else rm -f "$records/history.jsonl.new"; fi
  case $outcome in
  deployed | staged | tested | unchanged)
    printf '{"version":1,"time":"%s","system":"%s","outcome":"%s","generation":%s}\n' "$time" "$new" "$outcome" "${generation:-null}" \
      >"$records/confirmed.json.new" && mv "$records/confirmed.json.new" "$records/confirmed.json"
    mv -T "$roots/next" "$roots/confirmed"
    ;;
  *) rm -f "$roots/next" ;;
  esac
  {
    printf '%s\n' "outcome $outcome" "reason $reason" "exit-code $code" "reverted $reverted" "rebooted $rebooted" \
      "current $current" "generation ${generation:--}" "seconds $seconds"
    if [ -s "$attempt/checks.result" ]; then cat "$attempt/checks.result"; fi
    if [ -s "$attempt/units.trouble" ]; then sed 's/^/unit /' "$attempt/units.trouble"; fi
  } >"$attempt/result.new" && mv "$attempt/result.new" "$attempt/result"
  enter "done"
  keep_log
  if [ "$rebooted" = true ]; then
    sync
    reboot 9>&- || reboot -f 9>&-
  fi
  exit 0
}

# /run does not outlive a reboot; a failure's log should.
keep_log() {
  logger --tag fleet-deploy --file "$attempt/log" 2>/dev/null
  if [ "$outcome" != failed ]; then return; fi
  mkdir -p "$records/logs"
  cp "$attempt/log" "$records/logs/$time-${attempt##*/}.log" 2>/dev/null
  # shellcheck disable=SC2012 # Names of our own.
  ls -1 "$records/logs" | head -n "-$kept_logs" | while read -r name; do rm -f "$records/logs/$name"; done
}
