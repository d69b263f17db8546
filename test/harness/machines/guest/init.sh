#!/usr/bin/env bash
# Process 1 of a test machine's system.
#   usage: init.sh installer | rescue | stock | nixos
set -u

mode=$1
tools=/usr/lib/fleet-machine
hardware=/run/fleet-machine/hardware
PATH=$tools/bin:$PATH

say() { printf '[init] %s\n' "$*"; }

cd /
umount --lazy /run/fleet-machine/old
rmdir /run/fleet-machine/old

# The power button and `poweroff`; process 1 gets the signal from outside its namespace or from the commands in it.
trap 'say "powering off"; kill -TERM -1; sleep 0.2; busybox poweroff -n -f' PWR
trap 'say "rebooting"; kill -TERM -1; sleep 0.2; busybox reboot -n -f' INT TERM

start_installer() {
  local key
  mkdir -p /root/.ssh /run/current-system/sw/bin
  chmod 700 /root/.ssh
  for key in "$hardware"/kexec/ssh_host_*; do
    if [[ -e $key ]]; then cp -a "$key" /etc/ssh/; fi
  done
  if [[ -e $hardware/kexec/authorized_keys ]]; then
    install -m 600 "$hardware/kexec/authorized_keys" /root/.ssh/authorized_keys
  fi
  rm -rf "$hardware/kexec"
  printf '%s\n' 'NAME=NixOS' 'ID=nixos' 'VERSION_ID="26.05"' 'VARIANT_ID=installer' \
    'PRETTY_NAME="NixOS 26.05 (installer of a test machine)"' >/etc/os-release
  hostname nixos-installer
}

# It knows nothing of the systems on the disks: its host keys are its own, made anew with each boot.
start_rescue() {
  install -d -m 700 /root/.ssh
  install -m 600 "$hardware/rescue-boot/authorized_keys" /root/.ssh/authorized_keys
  rm -rf "$hardware/rescue-boot"
  printf '%s\n' 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' 'NAME="Debian GNU/Linux"' 'VERSION_ID="12"' \
    'VERSION="12 (bookworm)"' 'VERSION_CODENAME=bookworm' 'ID=debian' >/etc/os-release
  hostname rescue
}

start_stock() {
  hostname "$(cat /etc/hostname 2>/dev/null || hostname)"
  cloud-init boot || say "cloud-init failed"
}

start_nixos() {
  local entry=default system
  if [[ -e /boot/loader/entry-default ]]; then entry="entry-default"; fi
  if [[ -e /boot/loader/oneshot ]]; then entry=oneshot; fi
  system=$(cat "/boot/loader/$entry")
  # One boot only, whether it comes up or not.
  rm -f /boot/loader/oneshot
  if [[ $system != /nix/store/* || ! -x $system/init ]]; then
    say "boot entry $entry: $system is not bootable"
    sleep infinity
  fi
  say "starting $system"
  "$system/init" || say "$system/init ended with exit code $?"
}

# What a running system must have and no activation of ours is asked to write.
complete_system() {
  local number
  [[ -e /etc/ssh/ssh_host_ed25519_key ]] || ssh-keygen -q -t ed25519 -N '' -C "root@$(hostname)" -f /etc/ssh/ssh_host_ed25519_key
  [[ -e /etc/hosts ]] || printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 %s\n' "$(hostname)" >/etc/hosts
  grep -q '^sshd:' /etc/passwd || echo 'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
  if [[ $mode = installer || $mode = nixos ]] && ! grep -q '^nixbld:' /etc/group; then
    for number in 1 2 3 4; do echo "nixbld$number:x:3000$number:30000::/var/empty:/usr/sbin/nologin" >>/etc/passwd; done
    echo 'nixbld:x:30000:nixbld1,nixbld2,nixbld3,nixbld4' >>/etc/group
  fi
}

# A system's own nix.conf knows nothing of how a sandbox is had here.
serve_nix() {
  export NIX_CONFIG='extra-sandbox-paths = /bin/sh=/usr/bin/bash-static /usr /lib=/usr/lib /lib64=/usr/lib64
filter-syscalls = false
build-users-group = nixbld'
  exec /usr/bin/nix-daemon
}

# Keeps sshd running, but for the time the fault "sshd-off" lasts. Whoever ends it has it start on the ports the system then says.
serve_ssh() {
  local word port ports keys='.ssh/authorized_keys /etc/ssh/authorized_keys.d/%u'
  if [[ $mode = stock || $mode = rescue ]]; then keys='.ssh/authorized_keys'; fi
  while :; do
    while [[ -e $hardware/faults/sshd-off ]]; do sleep 0.1; done
    ports=()
    if [[ $mode = nixos && -e /etc/ssh/sshd_config ]]; then
      while read -r word port; do if [[ $word = Port ]]; then ports+=(-p "$port"); fi; done </etc/ssh/sshd_config
    fi
    /usr/sbin/sshd -D -e -f "$tools/guest/sshd_config" "${ports[@]}" -o "AuthorizedKeysFile=$keys"
    sleep 0.2
  done
}

# Before the system: its services may want the addresses. Rescue systems leave private networks alone.
if [[ $mode != rescue ]]; then sync-cards || say "private networks failed"; fi
"start_$mode"
complete_system
# A disk may have come while the system was starting.
sync-devices &
if [[ $mode = installer || $mode = nixos ]]; then serve_nix & fi
serve_ssh &
say "up"
while :; do
  sleep infinity &
  wait $!
done
