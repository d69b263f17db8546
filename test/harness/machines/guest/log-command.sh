#!/bin/bash
# What sshd runs for every session: notes the command for the tests, applies the faults asked for, runs it unchanged.
# Each line of the log is JSON: time in seconds, user, command (null for a login without one).
log=/run/fleet-machine/hardware/ssh.log
faults=/run/fleet-machine/hardware/faults
shopt -s nullglob

command=${SSH_ORIGINAL_COMMAND-}

quoted=null
if [[ -n ${SSH_ORIGINAL_COMMAND+x} ]]; then
  quoted=${command//\\/\\\\}
  quoted=${quoted//\"/\\\"}
  quoted=${quoted//$'\n'/\\n}
  quoted=${quoted//$'\t'/\\t}
  quoted=\"${quoted//[[:cntrl:]]/?}\"
fi
printf '{"time":%s,"user":"%s","command":%s}\n' "$EPOCHREALTIME" "$USER" "$quoted" >>"$log"

after() { (
  sleep "$1"
  shift
  "$@"
) </dev/null >/dev/null 2>&1 & }

for rule in "$faults"/rule-*; do
  [[ $command =~ $(<"$rule/pattern") ]] || continue
  # Each time the rule may strike is a folder; removing one cannot succeed twice.
  [[ ! -d $rule/times ]] || {
    struck=
    for time in "$rule"/times/*; do rmdir "$time" 2>/dev/null && struck=1 && break; done
    [[ -n $struck ]] || continue
  }
  read -r action argument <"$rule/action"
  case $action in
  delay) sleep "$argument" ;;
  hold) while [[ -d $rule ]]; do sleep 0.1; done ;;
  fail)
    echo "fleet-machine: fault injected: $command" >&2
    exit "$argument"
    ;;
  kill-after) after "$argument" kill -KILL -- "-$$" ;;
  power-cut-after) after "$argument" busybox reboot -n -f ;;
  drop-link-after) after "$argument" ip link set eth0 down ;;
  esac
done

if [[ -n ${SSH_ORIGINAL_COMMAND+x} ]]; then exec "${SHELL:-/bin/sh}" -c "$SSH_ORIGINAL_COMMAND"; fi
exec "${SHELL:-/bin/sh}" -l
