#!/bin/sh
# wireguard.sh PROGRAMS INTERFACE KEY_FILE CONFIGURATION ADDRESS… -- ROUTE…: makes a WireGuard interface and runs it until it is ended.
# PROGRAMS: folder with wireguard-go and wg; CONFIGURATION: as `wg setconf` takes it.
set -eu
programs=$1
interface=$2
key=$3
configuration=$4
shift 4

# Where a kernel has tun, udev makes this one.
if [ ! -e /dev/net/tun ]; then
  mkdir -p /dev/net
  mknod -m 666 /dev/net/tun c 10 200
fi
"$programs/wireguard-go" --foreground "$interface" &
runner=$!
waited=0
until [ -S "/var/run/wireguard/$interface.sock" ]; do
  waited=$((waited + 1))
  if [ "$waited" -gt 100 ] || ! kill -0 "$runner" 2>/dev/null; then
    echo "wireguard-go made no interface $interface" >&2
    exit 1
  fi
  sleep 0.1
done

"$programs/wg" setconf "$interface" "$configuration"
"$programs/wg" set "$interface" private-key "$key"
while [ "$1" != -- ]; do
  ip address replace "$1" dev "$interface" nodad
  shift
done
shift
ip link set "$interface" mtu 1420 up
for route in "$@"; do ip route replace "$route" dev "$interface"; done
wait "$runner"
