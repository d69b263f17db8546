#!/bin/sh
# Reports which store paths a machine without Nix lacks. A path is put into the store in one step, so one that is there is whole.
# usage: infect-missing-paths.sh
# stdin: store paths, one a line
# stdout: the missing ones in the same order, then "end infect-missing-paths"
set -eu
while IFS= read -r path; do
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then printf '%s\n' "$path"; fi
done
echo "end infect-missing-paths"
