#!/usr/bin/env bash
# Stands in for kexec, which these machines' kernel cannot do: asks the hardware for the installer, hands over what the
# installer of nixos-images keeps (SSH host keys, authorized keys; the addresses stay anyway), and restarts after a delay so
# that the calling session ends well.
#   usage: kexec-into-installer [SECONDS]     default 1
# Prints, as the real one does: machine will boot into nixos in ...
set -euo pipefail
shopt -s nullglob

delay=${1:-1}
[[ $delay =~ ^[0-9]+(\.[0-9]+)?$ ]] || {
  echo "usage: kexec-into-installer [SECONDS]" >&2
  exit 2
}
[[ $(id -u) = 0 ]] || {
  echo "kexec-into-installer: Operation not permitted" >&2
  exit 1
}

handover=/run/fleet-machine/hardware/kexec
rm -rf "$handover"
mkdir -m 700 "$handover"
for key in /etc/ssh/ssh_host_*; do cp -a "$key" "$handover/"; done
homes=(/root)
if [[ -n ${SUDO_USER-} ]]; then homes+=("$(getent passwd "$SUDO_USER" | cut -d: -f6)"); fi
for file in "${homes[@]/%//.ssh/authorized_keys}" "/etc/ssh/authorized_keys.d/${SUDO_USER:-root}" /etc/ssh/authorized_keys.d/root; do
  if [[ -s $file ]]; then cat "$file"; fi
done >"$handover/authorized_keys"
: >"$handover/requested"

echo "machine will boot into nixos in ${delay}s..."
# shellcheck disable=SC2016 # expanded by the inner shell
nohup sh -c 'sleep "$1" && exec busybox reboot -n -f' sh "$delay" </dev/null >/dev/null 2>&1 &
