#!/bin/sh
# init: what a booting machine runs once, as root, /run and /proc fresh: activates this system and starts its services, then returns.
# Exit codes: 0, 2 (activation failed, services were started anyway), 4 (a service failed).
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
top=$(readlink -f "$(dirname "$(readlink -f "$0")")")
libexec=$top/libexec
# shellcheck source=test/harness/miniflake/activation/units.sh
. "$libexec/units.sh"

read -r fault _ <"$top/fault"
if [ "$fault" = boot ]; then
  echo "faults.inject: this system does not come up" >&2
  sleep infinity
fi

mkdir -p /run
ln -sfn "$top" /run/booted-system
code=0
"$top/activate" || code=2
for name in $(unit_names "$top/etc/systemd/system"); do
  start_unit "$name" "$top/etc/systemd/system/$name.service"
done
sleep 0.3
failed=$(failed_units)
if [ -n "$failed" ]; then
  echo "warning: the following units failed:" "$failed" >&2
  code=4
fi
exit "$code"
