#!/bin/sh
# systemctl of the miniature: the few verbs deployment tools ask for. Anything else is an error.
#   is-system-running | list-units --failed… | is-active UNIT… | is-failed UNIT… | show -p PROPERTY[,…] UNIT… | start|stop|restart UNIT…
# '*.service' stands for all started units.
set -u
libexec=$(readlink -f /run/current-system/libexec) || exit 1
# shellcheck source=test/harness/miniflake/activation/units.sh
. "$libexec/units.sh"

refuse() {
  echo "systemctl (miniature): $*" >&2
  exit 1
}

verb=''
failed_only=''
properties=''
names=''
while [ $# -gt 0 ]; do
  case $1 in
  --failed | --state=failed) failed_only=1 ;;
  --no-pager | --no-legend | --plain | --full | --all | --quiet) ;;
  -p | --property)
    properties="$properties,$2"
    shift
    ;;
  --property=*) properties="$properties,${1#*=}" ;;
  -*) refuse "unknown option $1" ;;
  *) if [ -z "$verb" ]; then verb=$1; else names="$names ${1%.service}"; fi ;;
  esac
  shift
done

# sub_state STATE
sub_state() {
  case $1 in
  active) sub=running ;;
  activating) sub=auto-restart ;;
  failed) sub=failed ;;
  *) sub=dead ;;
  esac
}

# property NAME KEY STATE
property() {
  case $2 in
  Id) echo "$2=$1.service" ;;
  ActiveState) echo "$2=$3" ;;
  SubState)
    sub_state "$3"
    echo "$2=$sub"
    ;;
  NRestarts)
    restarts=0
    if [ -e "$units_state/$1/restarts" ]; then read -r restarts <"$units_state/$1/restarts"; fi
    echo "$2=$restarts"
    ;;
  esac
}

unit_file() {
  file=/run/current-system/etc/systemd/system/$1.service
  if [ ! -e "$file" ]; then refuse "Unit $1.service not found."; fi
  echo "$file"
}

case $verb in
is-system-running)
  if [ -z "$(failed_units)" ]; then echo running; else
    echo degraded
    exit 1
  fi
  ;;
list-units)
  for name in $(started_units); do
    state=$(unit_state "$name")
    if [ -z "$failed_only" ] || [ "$state" = failed ]; then
      sub_state "$state"
      echo "$name.service loaded $state $sub $(unit_property "$units_state/$name/unit" Description)"
    fi
  done
  ;;
is-active | is-failed)
  wanted=${verb#is-}
  code=3
  for name in $names; do
    state=$(unit_state "$name")
    echo "$state"
    if [ "$state" = "$wanted" ]; then code=0; fi
  done
  exit "$code"
  ;;
show)
  if [ "$names" = ' *' ]; then names=$(started_units); fi
  rest=${properties#,},
  while [ -n "$rest" ]; do
    case ${rest%%,*} in
    NRestarts | Id | ActiveState | SubState) ;;
    *) refuse "unknown property ${rest%%,*}" ;;
    esac
    rest=${rest#*,}
  done
  # As systemd: in an order of its own, with an empty line between units.
  separator=''
  for name in $names; do
    printf '%s' "$separator"
    state=$(unit_state "$name")
    for key in NRestarts Id ActiveState SubState; do
      case "$properties," in
      *",$key,"*) property "$name" "$key" "$state" ;;
      esac
    done
    separator='
'
  done
  ;;
start | stop | restart)
  for name in $names; do
    if [ "$verb" != start ] || [ "$(unit_state "$name")" != active ]; then stop_unit "$name"; fi
    if [ "$verb" != stop ] && [ ! -e "$units_state/$name/unit" ]; then
      file=$(unit_file "$name") || exit 1
      start_unit "$name" "$file"
    fi
  done
  ;;
*) refuse "unknown verb ${verb:-(none)}" ;;
esac
