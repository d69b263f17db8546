#!/bin/sh
# Reports whether NixOS can take the place of the running system, as lines of "name value…". Changes nothing.
# usage: infect-facts.sh <record> [device of a file system that the new system needs]…
# Contents of the record are given in base64: "absent", "unreadable" or "present <base64>".
set -u
record=$1
shift

if [ ! -e "$record" ]; then
  echo "record absent"
elif [ -r "$record" ]; then
  echo "record present $(base64 <"$record" | tr -d '\n')"
else
  echo "record unreadable"
fi

# The device below a mount point, without links. An overlay says where its upper layer is instead.
mounted_device() {
  source=$(findmnt --noheadings --first-only --output SOURCE --target "$1" 2>/dev/null | sed 's/\[.*//')
  case $source in
  /dev/*) readlink -f "$source" ;;
  *) echo "$source" ;;
  esac
}

for device in "$@"; do
  resolved=$(readlink -f "$device" 2>/dev/null || true)
  if [ -n "$resolved" ] && [ -b "$resolved" ]; then
    echo "device $device $resolved $(blkid -p -s TYPE -o value "$resolved" 2>/dev/null || echo none)"
  else
    echo "device $device - none"
  fi
done

folder=/nix
if [ ! -d "$folder" ]; then folder=/; fi
echo "root $(mounted_device /)"
echo "free $(df -Pk "$folder" | awk 'END { printf "%.0f", $4 * 1024 }')"
if [ "$(mounted_device "$folder")" = "$(mounted_device /)" ]; then echo "store root"; else echo "store elsewhere"; fi
if [ -e /nix/var/nix/db/db.sqlite ]; then echo "nix present"; else echo "nix absent"; fi
for program in tar findmnt flock; do
  command -v "$program" >/dev/null || echo "lacks $program"
done
echo "end infect-facts"
