#!/usr/bin/env bash
# Process 1 of a world, in new network, mount and pid namespaces: gives it a root of its own, a network that leads nowhere,
# says "ready" and stays until it is killed.
#   usage: world-init.sh STATE_DIRECTORY NIX_DIRECTORY DESCRIPTION
#   NIX_DIRECTORY: what to show as /nix; empty: leave /nix as it is. DESCRIPTION: text of /run/fleet-world.json.
set -euo pipefail
shopt -s nullglob dotglob

state=$1
nix=$2
description=$3

# Shows every entry of folder $1, but for the named ones, in folder $2.
mirror() {
  local source=$1 target=$2 entry name
  shift 2
  for entry in "$source"/*; do
    name=${entry##*/}
    case " $* " in *" $name "*) continue ;; esac
    if [[ -L $entry ]]; then
      cp --no-dereference "$entry" "$target/$name"
    elif [[ -d $entry ]]; then
      mkdir "$target/$name"
      mount --rbind "$entry" "$target/$name"
    elif [[ -e $entry ]]; then
      : >"$target/$name"
      mount --bind "$entry" "$target/$name"
    fi
  done
}

exec 9>"$state/lock"
flock --nonblock 9 || {
  echo "another world already uses $state" >&2
  exit 75
}

# What a world with this folder left when it was killed.
rm -rf --one-file-system "$state"/{machines,commands,root}
mkdir -p "$state/machines" "$state/volumes" "$state/root"

# The machine's own root is never written to: neither /nix nor anything in /run has to exist there.
root=$state/root
mount --make-rprivate /
mount -t tmpfs -o mode=755 fleet-world "$root"
# Its parent is mirrored too: without this it would be shown inside itself.
mount --make-unbindable "$root"
skip=(proc sys run)
[[ -z $nix ]] || skip+=(nix)
mirror "" "$root" "${skip[@]}"
mkdir "$root"/{proc,sys,run}
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
if mountpoint --quiet /sys/fs/cgroup; then mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"; fi
mount -t tmpfs -o mode=755 fleet-run "$root/run"
mirror /run "$root/run" netns fleet-world.json
mkdir "$root/run/netns"
printf '%s\n' "$description" >"$root/run/fleet-world.json"
if [[ -n $nix ]]; then
  mkdir -p "$nix" "$root/nix"
  mount --bind "$nix" "$root/nix"
fi
mkdir "$root/.old"
cd "$root"
pivot_root . .old
cd /
umount --lazy /.old
rmdir /.old

for setting in ipv4/ip_forward:1 ipv6/conf/all/disable_ipv6:0 ipv6/conf/all/forwarding:1 ipv6/conf/default/accept_dad:0; do
  echo "${setting#*:}" >"/proc/sys/net/${setting%%:*}"
done
# A bridge that is given no address takes one of its ports': machines would lose it whenever another comes or goes.
ip -batch - <<'END'
link set lo up
link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0 mcast_snooping 0
addr add 198.51.100.1/24 dev br0
addr add 2001:db8::1/64 dev br0 nodad
addr add fe80::1/64 dev br0 nodad
link set br0 up
route add 2001:db8::/32 dev br0
END

echo ready
exec >/dev/null 2>&1
while :; do
  sleep 3600 9>&- &
  wait $!
done
