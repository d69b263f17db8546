#!/bin/sh
# Lists the generations of the system's profile, as lines "generation <number> <seconds since 1970> <store path>". Changes nothing.
set -u
profile=/nix/var/nix/profiles/system
for link in "$profile"-*-link; do
  number=${link#"$profile-"}
  number=${number%-link}
  case $number in
  '' | *[!0-9]*) continue ;;
  esac
  printf 'generation %s %s %s\n' "$number" "$(stat -c %Y "$link")" "$(readlink -f "$link")"
done
printf 'end list-generations\n'
