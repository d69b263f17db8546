#!/bin/sh
# udevadm, as far as installers use it. There is one source of truth and no queue: every verb that makes or awaits device
# nodes brings them up to date and returns.
set -eu
case ${1-} in
settle | trigger) exec sync-devices ;;
control | info) exit 0 ;;
--version) echo 257 ;;
*)
  echo "udevadm: ${1-} is not supported on a test machine" >&2
  exit 1
  ;;
esac
