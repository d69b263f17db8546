#!/usr/bin/env bash
# cloud-init of a stock image: applies the server's metadata and user data on the first boot of an instance.
#   usage: cloud-init boot | status [--wait] | --version
# The hardware has parsed and checked the user data and laid it out in files (seed.ts), or seed/error says what is wrong with it.
set -euo pipefail
shopt -s nullglob

seed=/run/fleet-machine/hardware/seed
state=/var/lib/cloud/data
result=/run/cloud-init/status

add_keys() { # user, home; keys on standard input
  mkdir -p "$2/.ssh"
  cat >>"$2/.ssh/authorized_keys"
  chmod 700 "$2/.ssh"
  chmod 600 "$2/.ssh/authorized_keys"
  chown -R "$1:" "$2/.ssh"
}

write_host_keys() {
  local key
  if [[ -e $seed/delete-host-keys ]]; then rm -f /etc/ssh/ssh_host_*; fi
  for key in "$seed"/host-keys/*; do
    install -m "$([[ $key = *.pub ]] && echo 644 || echo 600)" "$key" /etc/ssh/
  done
  for key in "$seed"/host-keys/*_key; do
    [[ -e $key.pub ]] || ssh-keygen -y -f "$key" >"/etc/ssh/${key##*/}.pub"
  done
}

add_user() { # folder that describes it
  local name=${1##*/}
  if [[ $name != root ]]; then
    # Locked for passwords only: sshd refuses an account whose password is "!".
    id "$name" >/dev/null 2>&1 || useradd --create-home --password '*' --shell "$(<"$1/shell")" "$name"
    install -m 440 "$1/sudoers" "/etc/sudoers.d/90-$name"
  fi
  add_keys "$name" "$(getent passwd "$name" | cut -d: -f6)" <"$1/authorized_keys"
}

boot_instance() {
  local user
  hostname "$(<"$seed/hostname")"
  hostname >/etc/hostname
  add_keys root /root <"$seed/authorized_keys"
  if [[ -e $seed/error ]]; then
    cat "$seed/error" >&2
    # Without usable user data the image makes itself host keys, as always.
    rm -f /etc/ssh/ssh_host_*
    return 1
  fi
  write_host_keys
  for user in "$seed"/users/*; do add_user "$user"; done
}

boot() {
  local outcome='done'
  mkdir -p "$state" "${result%/*}"
  if [[ $(cat "$state/instance-id" 2>/dev/null) != $(<"$seed/instance-id") ]]; then
    # A process of its own: a function tested by || would go on after its first failure.
    "$0" first-boot || outcome=error
    cp "$seed/instance-id" "$state/instance-id"
    echo "$outcome" >"$state/outcome"
  fi
  cp "$state/outcome" "$result"
  [[ $(<"$result") = 'done' ]]
}

status() {
  if [[ ${1-} = --wait ]]; then while [[ ! -e $result ]]; do sleep 0.1; done; fi
  local outcome=running
  if [[ -e $result ]]; then outcome=$(<"$result"); fi
  echo "status: $outcome"
  [[ $outcome != error ]]
}

case ${1-} in
boot) boot ;;
first-boot) boot_instance ;;
status)
  shift
  case ${1-} in
  '' | --wait) status "$@" ;;
  *)
    echo "cloud-init status: $1 is not supported on a test machine" >&2
    exit 2
    ;;
  esac
  ;;
--version) echo 'cloud-init 25.1 (test machine)' ;;
*)
  echo "cloud-init: ${1-} is not supported on a test machine" >&2
  exit 2
  ;;
esac
