#!/usr/bin/env bash
# Has every network card but eth0 ask its private network's DHCP server for an address: what cloud-init does in stock images, and
# systemd-networkd by hosts/modules/hardware on a NixOS. Waits some seconds for the answer, and goes on asking.
#   usage: sync-cards
set -euo pipefail
shopt -s nullglob
PATH=/usr/sbin:/usr/bin:/sbin:/bin

clients=/run/private-cards
mkdir -p "$clients"
exec 9>"$clients/lock"
flock 9

# A card that is unplugged and plugged in again has a new number.
declare -A cards=()
while read -r number name _; do
  name=${name%%[@:]*}
  if [[ $name =~ ^eth[1-9][0-9]*$ ]]; then cards[${number%:}]=$name; fi
done < <(ip -oneline link show)

for file in "$clients"/*.pid; do
  number=$(basename "$file" .pid)
  if [[ -n ${cards[$number]-} ]]; then continue; fi
  kill "$(<"$file")" 2>/dev/null || true
  rm -f "$file"
done

for number in "${!cards[@]}"; do
  if [[ -e $clients/$number.pid ]]; then continue; fi
  busybox udhcpc --interface "${cards[$number]}" --script /usr/lib/fleet-machine/guest/take-lease.sh \
    --pidfile "$clients/$number.pid" --background --retries 10 --timeout 1 --tryagain 5 \
    </dev/null >"$clients/$number.log" 2>&1 9>&-
done
