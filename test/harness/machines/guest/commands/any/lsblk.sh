#!/usr/bin/env bash
# lsblk under the names the machine's disks have here, and of these disks only.
#   Devices to list are given by their path or not at all.
set -euo pipefail

names=()
disks=()
while read -r name kernel _; do
  names+=(-e "s/\\b${kernel}p([0-9]+)/$name\\1/g" -e "s/\\b$kernel\\b/$name/g")
  disks+=("/dev/$name")
done </run/fleet-machine/hardware/disks
for argument in "$@"; do
  if [[ $argument = /dev/* ]]; then disks=(); fi
done
PATH=/usr/sbin:/usr/bin lsblk "$@" "${disks[@]}" | sed -E "${names[@]}"
