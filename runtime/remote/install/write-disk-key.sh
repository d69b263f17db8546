#!/bin/sh
# Puts the key of a disk where the disk layout reads it: into memory that is never swapped out, and a link at the wanted path.
# usage: write-disk-key.sh <folder of keys> <path that the disk layout names>
# stdin: the key, to its last byte
set -eu
folder=$1
path=$2

if ! mountpoint -q "$folder"; then
  mkdir -p "$folder"
  mount -t ramfs -o mode=700 fleet-keys "$folder"
fi
name=$(printf %s "$path" | sha256sum | cut -c 1-32)
if [ -e "$path" ] || [ -L "$path" ]; then
  if [ "$(readlink "$path")" != "$folder/$name" ]; then
    echo "$path exists already: no key is put over it" >&2
    exit 1
  fi
fi
umask 277
rm -f "$folder/$name"
cat >"$folder/$name"
umask 022
mkdir -p "${path%/*}"
ln -sfn "$folder/$name" "$path"
printf '%s\n' "$path" >>"$folder/links"
