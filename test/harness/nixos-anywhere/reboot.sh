#!/bin/sh
# Runs on the target: leaves the connection time to end, then reboots.
set -eu
nohup sh -c 'sleep 6 && reboot' >/dev/null 2>&1 &
