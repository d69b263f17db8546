#!/usr/bin/env bash
# Fills the file system of a folder to the last block, into one file.
#   usage: fill-disk.sh FILE
set -euo pipefail

# What is reserved for blocks not yet allocated comes back with each sync.
for size in 1M 64k 4k 4k 4k; do
  dd if=/dev/zero "of=$1" "bs=$size" oflag=append conv=notrunc status=none 2>/dev/null || true
  sync --file-system "$1"
done
