#!/bin/sh
# unit-runner.sh FOLDER: runs the service of FOLDER/unit (see units.sh) until it ends for good or the session is ended.
set -u
folder=$1
libexec=$(dirname "$0")
# shellcheck source=test/harness/miniflake/activation/units.sh
. "$libexec/units.sh"

command=$(unit_property "$folder/unit" ExecStart)
restart=$(unit_property "$folder/unit" Restart)
pause=$(unit_property "$folder/unit" RestartSec)
if [ "$(unit_property "$folder/unit" RemainAfterExit)" = true ]; then well=exited; else well=success; fi
run_directory=$(unit_property "$folder/unit" RuntimeDirectory)
if [ -n "$run_directory" ]; then
  mkdir -p "/run/$run_directory"
  chmod "$(unit_property "$folder/unit" RuntimeDirectoryMode)" "/run/$run_directory"
fi
restarts=0
trap 'exit 143' TERM
echo "$$ $(process_start_time $$)" >"$folder/runner"

while :; do
  rm -f "$folder/waiting"
  # The command line is split as systemd splits it, without expansions.
  set -f
  # shellcheck disable=SC2086
  env -i PATH=/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin $command &
  set +f
  wait $!
  code=$?
  case $restart/$code in
  no/0 | on-failure/0)
    echo "$well" >"$folder/result"
    exit 0
    ;;
  no/*)
    echo "exit-code $code" >"$folder/result"
    exit "$code"
    ;;
  esac
  restarts=$((restarts + 1))
  echo "$restarts" >"$folder/restarts"
  : >"$folder/waiting"
  sleep "$pause" &
  wait $!
done
