#!/bin/sh
# Takes store paths from a tar archive into the store of a machine without Nix.
# usage: infect-receive.sh <name of the archive's last member, which says that it is whole>
# stdin: the archive
set -eu
mkdir -p /nix/store
# One that lost its connection may still wait for its archive: it must not write into ours.
rm -rf /nix/.fleet-incoming.*
incoming=/nix/.fleet-incoming.$$
mkdir "$incoming"
tar -x -p -f - -C "$incoming"
if [ ! -e "$incoming/$1" ]; then
  echo "the stream of store paths ended early" >&2
  exit 1
fi
for path in "$incoming"/nix/store/*; do
  if [ -e "$path" ] || [ -L "$path" ]; then
    rm -rf "/nix/store/${path##*/}"
    mv "$path" /nix/store/
  fi
done
rm -rf "$incoming"
sync
