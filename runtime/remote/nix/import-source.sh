#!/bin/sh
# Puts a source tree into this machine's Nix store.
# usage: import-source.sh <store path it has to get, /nix/store/…-source>
# stdin: the tree as a Nix archive
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
nix-store --restore "$folder/source"
made=$(nix-store --add-fixed --recursive sha256 "$folder/source")
if [ "$made" != "$1" ]; then
  echo "the tree became $made instead of $1" >&2
  exit 1
fi
