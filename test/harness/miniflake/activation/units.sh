#!/bin/sh
# Services of the miniature: real processes described by systemd unit files, one runner (unit-runner.sh) each. To be sourced.
#
# State of a started unit is in /run/units/<name>/: `unit` (the file it was started from), `runner` (process id and start time of the
# runner, which leads the unit's session), `result` (written by the runner when the service ended for good) and `restarts`.
# The caller sets `libexec`, the folder of this file.
#
# Built into the shell where that can be: the real systemctl is one process, and each one here would count as one of ours.

: "${libexec:?}"
units_state=/run/units

# unit_names FOLDER: names of the unit files in FOLDER, without `.service`.
unit_names() {
  for file in "$1"/*.service; do
    file=${file##*/}
    if [ "$file" != '*.service' ]; then echo "${file%.service}"; fi
  done
}

# started_units: names of the units that were started since boot and not stopped.
started_units() {
  for folder in "$units_state"/*/; do
    folder=${folder%/}
    if [ -e "$folder/unit" ]; then echo "${folder##*/}"; fi
  done
}

# unit_property FILE KEY: value of `KEY=` in a unit file.
unit_property() {
  while IFS= read -r line; do
    case $line in
    "$2="*) echo "${line#*=}" ;;
    esac
  done <"$1"
}

# process_start_time PID: start time in clock ticks (proc_pid_stat(5), field 22), nothing if there is no such process.
process_start_time() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086 # Fields are meant to be split.
  set -- ${stat##*) }
  echo "${20}"
}

# unit_state NAME: active | activating (waiting for a restart) | failed | inactive.
unit_state() {
  folder=$units_state/$1
  if [ -e "$folder/result" ]; then
    read -r result _ <"$folder/result"
    case $result in
    success) echo inactive ;;
    exited) echo active ;;
    *) echo failed ;;
    esac
    return
  fi
  runner=''
  started=''
  if [ -e "$folder/runner" ]; then read -r runner started <"$folder/runner"; fi
  if [ -z "$runner" ]; then
    echo inactive
  elif [ "$(process_start_time "$runner")" != "$started" ]; then
    echo failed
  elif [ -e "$folder/waiting" ]; then
    echo activating
  else
    echo active
  fi
}

# start_unit NAME FILE: starts a unit in a session of its own, detached from whoever called.
start_unit() {
  folder=$units_state/$1
  rm -rf "$folder"
  mkdir -p "$folder" /var/log/units
  cat "$2" >"$folder/unit"
  echo 0 >"$folder/restarts"
  # 9 is the activation's lock: a service must not keep it.
  setsid /bin/sh "$libexec/unit-runner.sh" "$folder" </dev/null >>"/var/log/units/$1.log" 2>&1 9>&- &
  waited=0
  until [ -s "$folder/runner" ]; do
    waited=$((waited + 1))
    if [ "$waited" -gt 50 ]; then
      echo "$1.service: its runner did not start within 5 seconds" >&2
      return 1
    fi
    sleep 0.1
  done
  if [ "$(unit_property "$2" Type)" = oneshot ]; then await_end "$1"; fi
}

# await_end NAME: waits, a minute at most, until a unit has ended for good.
await_end() {
  waited=0
  until [ -s "$units_state/$1/result" ]; do
    waited=$((waited + 1))
    if [ "$waited" -gt 600 ]; then
      echo "$1.service: it did not end within a minute" >&2
      return 1
    fi
    sleep 0.1
  done
}

# session_lives RUNNER: whether any process of the unit's session is left; one that ended and was not waited for does not count.
# In /proc/<pid>/stat, after the name in parentheses: state, parent, process group.
session_lives() {
  cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | grep -q "^[^Z] [0-9]* $1 "
}

# end_session RUNNER: SIGTERM, after 5 seconds SIGKILL.
end_session() {
  kill -s TERM -- "-$1" 2>/dev/null
  waited=0
  while session_lives "$1"; do
    waited=$((waited + 1))
    if [ "$waited" -eq 50 ]; then kill -s KILL -- "-$1" 2>/dev/null; fi
    if [ "$waited" -gt 60 ]; then
      echo "process group $1 does not end" >&2
      return 1
    fi
    sleep 0.1
  done
}

# stop_unit NAME: ends the unit's whole session and forgets it.
stop_unit() {
  folder=$units_state/$1
  runner=''
  started=''
  if [ -e "$folder/runner" ]; then read -r runner started <"$folder/runner"; fi
  if [ -n "$runner" ] && [ "$(process_start_time "$runner")" = "$started" ]; then
    end_session "$runner" || return 1
  fi
  rm -rf "$folder"
}

# failed_units: names of the started units that failed.
failed_units() {
  for name in $(started_units); do
    if [ "$(unit_state "$name")" = failed ]; then echo "$name"; fi
  done
}
