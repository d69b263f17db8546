#!/usr/bin/env bash
# The supervisor's way back; read by supervisor.sh.
# shellcheck disable=SC2034,SC2154 # Variables of the supervisor.

# Ends the attempt on the old system. usage: give_up <reason> <exit code>
give_up() {
  if [ -n "${judging-}" ]; then kill "$judging" 2>/dev/null; fi
  if [ ! -e "$attempt/units.trouble" ]; then
    if [ -e "$attempt/units.after" ]; then
      judge_units
    else
      health units >"$attempt/units.after"
      judge_units "$attempt/units.after"
    fi
  fi
  revert
  explain_units
  ensure_contact
  finish failed "$1" "$2"
}

# The failed units' last words.
explain_units() {
  # shellcheck disable=SC2046 # Unit names hold no blanks.
  set -- $(sed -n 's/^worse \([^ ]*\) .*/\1/p' "$attempt/units.trouble")
  if [ $# -gt 0 ]; then health journal "$@"; fi
}

# Restores the old system by path. The checks that may refuse a switch must not stop the rollback.
revert() {
  enter reverting
  now
  since=$now
  printf 'fleet: back to %s\n' "$old"
  if NIXOS_NO_CHECK=1 switch_to "$old" test "$activation_seconds"; then reverted=yes; else reverted=with-errors; fi
  current
  if [ "$current" != "$old" ]; then reverted=no; fi
  lasted revert "$since"
}

# What a host can see by itself of whether it can be reached.
signs_of_contact() {
  ip -brief link show up 2>/dev/null | cut -d ' ' -f 1
  ip -4 route show 2>/dev/null
  # shellcheck disable=SC2016 # The inner shell expands them.
  timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && read -r banner <&3 && [[ $banner == SSH-* ]] && echo "SSH answers"' "$ssh_port" 2>/dev/null
}

# The old system runs again: can the host be reached? The operator says so over a new connection. An operator whose connection has
# ended will not come; then the host has to look as it did before. Otherwise the boot entry, still that of the old system, is the last way.
ensure_contact() {
  if [ "$reverted" = no ]; then
    rebooted=true
    return
  fi
  enter reverted
  now
  since=$now
  until_when=$((since + contact_seconds * 100))
  while [ ! -e "$attempt/contact" ]; do
    if [ -e "$attempt/left" ] && [ "$reverted" = yes ] && signs_of_contact | cmp -s - "$attempt/signs.before"; then break; fi
    now
    if [ "$now" -ge "$until_when" ]; then
      printf 'fleet: no operator connected within %s s: rebooting\n' "$contact_seconds"
      rebooted=true
      break
    fi
    pause 0.05
  done
  lasted contact "$since"
}
