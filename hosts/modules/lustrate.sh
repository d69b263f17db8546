#!/usr/bin/env bash
# Moves the root file system's old content to /old-root, but for /nix, /boot and what etc/NIXOS_LUSTRATE lists (paths without the leading
# slash, one a line). Runs in the initial RAM disk, before anything is mounted on the root; after a power cut it goes on where it was.
set -eu
root=${SYSROOT:-/sysroot}
old=$root/old-root.tmp

umask 022
mkdir -p "$old"
for entry in "$root"/*; do
  case ${entry##*/} in
  # /etc goes last: the list in it says that there is work to do.
  nix | boot | etc | etc.new | old-root.tmp) ;;
  # What has been moved and is here again was put here below, before a power cut.
  *) if [ ! -e "$old/${entry##*/}" ]; then mv "$entry" "$old/"; fi ;;
  esac
done

rm -rf "$root/etc.new"
mkdir "$root/etc.new"
: >"$root/etc.new/NIXOS"
while IFS= read -r keeper; do
  case $keeper in
  etc/*) from=$root/$keeper to=$root/etc.new/${keeper#etc/} ;;
  *) from=$old/$keeper to=$root/$keeper ;;
  esac
  if [ -e "$from" ]; then
    mkdir -p "${to%/*}"
    cp -a "$from" "$to"
  else
    echo "NIXOS_LUSTRATE lists $keeper, which is not there"
  fi
done <"$root/etc/NIXOS_LUSTRATE"
sync

mv "$root/etc" "$old/etc"
mv "$root/etc.new" "$root/etc"
mv "$old" "$root/old-root"
sync
