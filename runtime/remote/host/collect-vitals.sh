#!/bin/sh
# Reports the vitals of a host, as lines of "name value". Changes nothing. Sizes in KiB (inodes: their number), the clock in seconds.
set -u

# A device that is mounted in several places (Btrfs, bind mounts) is reported once, by its first mount point.
on_disk() {
  awk '$3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|vfat)$/ && !seen[$1]++ { print $2 }' /proc/mounts
}

# usage: usage_of <name> <option of df>
usage_of() {
  on_disk | while read -r mount; do
    df -P "$2" "$mount" 2>/dev/null | awk -v name="$1" -v mount="$mount" 'NR == 2 && $2 ~ /^[0-9]+$/ && $2 > 0 { print name, $3, $4, mount }'
  done
}

usage_of space -k
usage_of inodes -i
awk '$1 == "MemTotal:" { total = $2 } $1 == "MemAvailable:" { available = $2 } END { print "memory", total, available }' /proc/meminfo
read -r load _ </proc/loadavg
printf 'load %s %s\n' "$load" "$(grep -c '^processor' /proc/cpuinfo)"
printf 'clock %s\n' "$(date +%s)"
printf 'end collect-vitals\n'
