#!/usr/bin/env bash
# What a private network's DHCP server has told udhcpc, applied to the card: address and routes, never a default route.
#   usage: take-lease.sh deconfig | bound | renew | leasefail | nak; the rest is in the environment
set -euo pipefail
PATH=/usr/sbin:/usr/bin:/sbin:/bin
: "${interface:?}"

take_routes() { # network, router, network, router…; 0.0.0.0: on the link itself
  while (($# >= 2)); do
    if [[ $2 = 0.0.0.0 ]]; then
      ip route replace "$1" dev "$interface"
    else
      ip route replace "$1" via "$2" dev "$interface"
    fi
    shift 2
  done
}

case $1 in
deconfig)
  ip -4 address flush dev "$interface"
  ip link set "$interface" up
  ;;
bound | renew)
  : "${ip:?}" "${mask:?}" "${mtu:?}"
  ip link set "$interface" mtu "$mtu"
  ip address replace "$ip/$mask" dev "$interface"
  read -ra routes <<<"${staticroutes-}"
  take_routes "${routes[@]}"
  ;;
leasefail | nak) ;;
*)
  echo "take-lease: unknown event $1" >&2
  exit 64
  ;;
esac
