#!/usr/bin/env bash
# cloud-init of a stock image: applies the server's metadata and user data on the first boot of an instance.
#   usage: cloud-init boot | status [--wait] | --version
# The hardware has parsed and checked the user data: seed/config.json holds it, or seed/error says what is wrong with it.
set -euo pipefail
shopt -s nullglob

seed=/run/fleet-machine/hardware/seed
state=/var/lib/cloud/data
result=/run/cloud-init/status

config() { jq --raw-output "$@" "$seed/config.json"; }

add_keys() { # user, home; keys on standard input
  local folder=$2/.ssh
  mkdir -p "$folder"
  cat >>"$folder/authorized_keys"
  chmod 700 "$folder"
  chmod 600 "$folder/authorized_keys"
  chown -R "$1:" "$folder"
}

write_host_keys() {
  local type
  if [[ $(config '.ssh_deletekeys // true') = true ]]; then rm -f /etc/ssh/ssh_host_*; fi
  for type in ed25519 ecdsa rsa; do
    if config --exit-status ".ssh_keys.${type}_private" >/dev/null; then
      (umask 077 && config ".ssh_keys.${type}_private" >"/etc/ssh/ssh_host_${type}_key")
      if config --exit-status ".ssh_keys.${type}_public" >/dev/null; then
        config ".ssh_keys.${type}_public" >"/etc/ssh/ssh_host_${type}_key.pub"
      else ssh-keygen -y -f "/etc/ssh/ssh_host_${type}_key" >"/etc/ssh/ssh_host_${type}_key.pub"; fi
    fi
  done
}

add_user() { # description as JSON
  local name shell
  name=$(jq -r .name <<<"$1")
  shell=$(jq -r '.shell // "/bin/bash"' <<<"$1")
  if [[ $name = root ]]; then
    jq -r '.ssh_authorized_keys // [] | .[]' <<<"$1" | add_keys root /root
    return
  fi
  id "$name" >/dev/null 2>&1 || useradd --create-home --shell "$shell" "$name"
  jq -r '.ssh_authorized_keys // [] | .[]' <<<"$1" | add_keys "$name" "/home/$name"
  jq -r --arg name "$name" '[.sudo // empty] | flatten | .[] | "\($name) \(.)"' <<<"$1" >"/etc/sudoers.d/90-$name"
  chmod 440 "/etc/sudoers.d/90-$name"
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
  if config --exit-status .hostname >/dev/null; then
    config .hostname >/etc/hostname
    hostname "$(config .hostname)"
  fi
  config '.ssh_authorized_keys // [] | .[]' | add_keys root /root
  config --compact-output '.users // [] | .[] | objects' | while read -r user; do add_user "$user"; done
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
