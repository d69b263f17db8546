#!/bin/sh
# switch-to-configuration switch|boot|test|dry-activate|check, as NixOS' own.
#
# Environment: NIXOS_NO_CHECK=1 skips the check of switch inhibitors; NIXOS_INSTALL_BOOTLOADER=1 is logged.
# Exit codes: 0; 1 nothing was done (usage, lock held, inhibitors differ, boot loader); 2 activation failed; 4 units failed.
# Every call is a line `<epoch> <action> <system> install-bootloader=<0|1>` of /var/log/activations.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
top=$(readlink -f "$(dirname "$(readlink -f "$0")")/..")
libexec=$top/libexec
units=$top/etc/systemd/system
action=${1-}
# shellcheck source=test/harness/miniflake/activation/units.sh
. "$libexec/units.sh"

say() { echo "$*" >&2; }

# as_list NAMES…: `a.service, b.service`
as_list() {
  list=
  for name in "$@"; do list=${list:+$list, }$name.service; done
  echo "$list"
}

# announce TEXT NAMES…: one line, only if there are names.
announce() {
  announcement=$1
  shift
  if [ $# -gt 0 ]; then say "$announcement: $(as_list "$@")"; fi
}

check_inhibitors() {
  if [ "${NIXOS_NO_CHECK-}" = 1 ] || [ ! -e /run/current-system/switch-inhibitors ]; then return 0; fi
  if cmp -s /run/current-system/switch-inhibitors "$top/switch-inhibitors"; then return 0; fi
  say "There are changes to critical components of the system:"
  say "  from $(cat /run/current-system/switch-inhibitors)"
  say "  to   $(cat "$top/switch-inhibitors")"
  say "Switching into this system is not recommended: use 'boot' and reboot, or set NIXOS_NO_CHECK=1."
  return 1
}

# With systemd-boot: an entry for each generation, which holds its system's store path.
write_entries() {
  rm -rf /boot/loader/entries && mkdir -p /boot/loader/entries || return 1
  for link in /nix/var/nix/profiles/system-*-link; do
    number=${link#/nix/var/nix/profiles/system-}
    readlink -f "$link" >"/boot/loader/entries/nixos-generation-${number%-link}.conf" || return 1
  done
}

install_boot_loader() {
  if [ -e "$top/sw/bin/bootctl" ]; then write_entries || return 1; fi
  mkdir -p /boot/loader && echo "$top" >/boot/loader/default.new && sync /boot/loader/default.new &&
    mv -f /boot/loader/default.new /boot/loader/default && sync /boot/loader
}

# Sorts every unit into to_stop, to_restart, to_start, to_keep (changed, but not to be restarted).
plan_units() {
  to_stop=''
  to_restart=''
  to_start=''
  to_keep=''
  for name in $(started_units); do
    if [ ! -e "$units/$name.service" ]; then to_stop="$to_stop $name"; fi
  done
  for name in $(unit_names "$units"); do
    if [ ! -e "$units_state/$name/unit" ]; then
      to_start="$to_start $name"
    elif ! cmp -s "$units_state/$name/unit" "$units/$name.service"; then
      if [ "$(unit_property "$units/$name.service" X-RestartIfChanged)" = false ]; then
        to_keep="$to_keep $name"
      else
        to_restart="$to_restart $name"
      fi
    else
      case $(unit_state "$name") in
      failed | inactive) to_start="$to_start $name" ;;
      esac
    fi
  done
}

# Names hold no white space: splitting them is meant.
# shellcheck disable=SC2086
dry_activate() {
  announce "would stop the following units" $to_stop
  announce "would NOT restart the following changed units" $to_keep
  say "would activate the configuration..."
  announce "would restart the following units" $to_restart
  announce "would start the following units" $to_start
}

# shellcheck disable=SC2086
apply_units() {
  announce "NOT restarting the following changed units" $to_keep
  announce "restarting the following units" $to_restart
  for name in $to_restart; do
    stop_unit "$name"
    start_unit "$name" "$units/$name.service"
  done
  for name in $to_start; do start_unit "$name" "$units/$name.service"; done
  announce "the following new units were started" $to_start
}

# shellcheck disable=SC2046
report_failed() {
  # A service that cannot start ends at once: give it the time to.
  sleep 0.3
  if [ -z "$(failed_units)" ]; then return 0; fi
  announce "warning: the following units failed" $(failed_units)
  return 4
}

case $action in
switch | boot | test | dry-activate | check) ;;
*)
  say "Usage: $0 [check|switch|boot|test|dry-activate]"
  exit 1
  ;;
esac

mkdir -p /var/log /run/nixos
exec 9>/run/nixos/switch-to-configuration.lock
if ! flock -n 9; then
  say "Could not acquire lock: another activation is running"
  exit 1
fi
echo "$(date +%s) $action $top install-bootloader=${NIXOS_INSTALL_BOOTLOADER:-0}" >>/var/log/activations

case $action in
switch | test | check) check_inhibitors || exit 1 ;;
esac
case $action in
check) exit 0 ;;
switch | boot)
  if ! install_boot_loader; then
    say "Failed to install the boot loader"
    exit 1
  fi
  ;;
esac
if [ "$action" = boot ]; then exit 0; fi

plan_units
if [ "$action" = dry-activate ]; then
  dry_activate
  exit 0
fi

# shellcheck disable=SC2086
announce "stopping the following units" $to_stop
for name in $to_stop; do stop_unit "$name"; done
say "activating the configuration..."
code=0
"$top/activate" 9>&- || code=2
apply_units
report_failed || code=$?
exit "$code"
