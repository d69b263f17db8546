#!/bin/sh
# journalctl of the miniature: last lines of what one unit has said. Anything else is an error.
#   journalctl --unit=NAME --lines=NUMBER --no-pager --output=cat
set -u
unit=
lines=
for argument in "$@"; do
  case $argument in
  --unit=*) unit=${argument#--unit=} ;;
  --lines=*) lines=${argument#--lines=} ;;
  --no-pager | --output=cat) ;;
  *)
    echo "journalctl (miniature): unknown argument $argument" >&2
    exit 1
    ;;
  esac
done
tail -n "${lines:?}" "/var/log/units/${unit%.service}.log"
