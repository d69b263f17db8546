#!/bin/sh
# Gives the installer compressed swap in its own memory (zram), so that files in memory may take less of it. Where its kernel has none
# of that the install goes on without.
# usage: enable-zram.sh <bytes before compression>
# prints "zram <device>", or "none <why>"
set -u
if swapon --show=NAME --noheadings | grep -q '^/dev/zram'; then
  echo "zram already"
  exit 0
fi
modprobe zram 2>/dev/null
if ! device=$(zramctl --find --size "$1" 2>&1); then
  echo "none $device" | head -n 1
  exit 0
fi
if ! why=$(mkswap "$device" 2>&1 >/dev/null && swapon --priority 100 "$device" 2>&1); then
  zramctl --reset "$device" >/dev/null
  echo "none $why" | head -n 1
  exit 0
fi
echo "zram $device"
