#!/bin/sh
# Sets the installer's clock, and the machine's own for what is started next.
# usage: set-clock.sh <seconds since 1970>
set -eu
date --utc --set="@$1" >/dev/null
hwclock --systohc 2>/dev/null || true
