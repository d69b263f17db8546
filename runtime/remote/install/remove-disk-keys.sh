#!/bin/sh
# Takes the keys of disks out of memory again, those of an interrupted install as well.
# usage: remove-disk-keys.sh <folder of keys>
set -eu
folder=$1
if ! mountpoint -q "$folder"; then exit 0; fi
if [ -e "$folder/links" ]; then
  while IFS= read -r path; do
    case $(readlink "$path") in
    "$folder"/*) rm -f "$path" ;;
    esac
  done <"$folder/links"
fi
find "$folder" -mindepth 1 -delete
# A program may still use the folder; what mattered is gone.
umount "$folder" || umount -l "$folder"
rmdir "$folder"
