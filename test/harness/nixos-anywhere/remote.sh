# shellcheck shell=bash
# shellcheck disable=SC2154 # Set by the files sourced beside this one.
# The connection: no host key is verified here, exactly as in the real program.

ssh_options=()

announce() {
  echo "### $* ###"
}

connect_options() {
  ssh_options=(-o IdentitiesOnly=yes -i "$work/key" -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no)
  ssh_options+=(${given_ssh_options[@]+"${given_ssh_options[@]}"})
}

on_target() {
  # shellcheck disable=SC2029 # The command is meant to be put together here.
  ssh -T "${ssh_options[@]}" "$target" "$@"
}

boot_id() {
  # shellcheck disable=SC2029
  timeout 10 ssh "${ssh_options[@]}" "$target" -- cat /proc/sys/kernel/random/boot_id
}

# The real program waits for the target to stop answering; a test machine can be back before it is asked again.
runs_boot() {
  [[ $(boot_id) == "$1" ]]
}

upload_key() {
  install -m 600 "$identity" "$work/key"
  ssh-keygen -y -f "$work/key" >"$work/key.pub"
  mkdir -p "$HOME/.ssh"
  announce "Uploading install SSH keys"
  until ssh-copy-id -o IdentitiesOnly=no -o ConnectTimeout=10 "${ssh_options[@]}" "$target"; do
    sleep 3
  done
}

gather_facts() {
  local fact text
  announce "Gathering machine facts"
  text=$(on_target -o ConnectTimeout=10 sh -- <"$here/facts.sh") || exit 1
  declare -gA facts=()
  while IFS='=' read -r fact value; do
    facts[$fact]=$value
  done <<<"$text"
  for fact in os architecture installer root tar cpio sudo setsid; do
    [[ -n ${facts[$fact]-} ]] || fail "Failed to retrieve fact $fact from host"
  done
  elevate=''
  if [[ ${facts[root]} != y ]]; then
    [[ ${facts[sudo]} == y ]] || fail "Unable to find a command to use to escalate privileges: Could not find sudo"
    elevate=sudo
  fi
}

require_tools() {
  [[ ${facts[tar]} == y ]] || fail "no tar command found, but required to unpack kexec tarball"
  [[ ${facts[cpio]} == y ]] || fail "no cpio command found, but required to build the new initrd"
  [[ ${facts[setsid]} == y ]] || fail "no setsid command respecting --wait found"
  [[ ${facts[os]} == Linux ]] || fail "This script requires Linux as the operating system, but got ${facts[os]}"
}

# Everything after kexec is done by root.
use_root() {
  if [[ ${facts[root]} != y ]]; then
    on_target "$elevate mkdir -p /root/.ssh; $elevate cp ~/.ssh/authorized_keys /root/.ssh || true"
  fi
  target="root@${target#*@}"
}

copy_closure() {
  local remote_store=$1 path=$2 options=("${nix_options[@]}")
  if [[ $substitute == y ]]; then options+=(--substitute-on-destination); fi
  NIX_SSHOPTS="${ssh_options[*]}" nix copy "${options[@]}" --to "ssh://$target?$remote_store$store_settings" "$path"
}

# build_there REMOTE_STORE ATTRIBUTE: builds an attribute of the flake on the target and prints its path.
build_there() {
  NIX_SSHOPTS="${ssh_options[*]}" nix build --print-out-paths --no-link "${nix_options[@]}" --eval-store auto \
    --store "ssh-ng://$target?$1ssh-key=${work//\//%2F}%2Fkey&$store_settings" "$(attribute "$2")"
}

attribute() {
  echo "${flake%#*}#nixosConfigurations.\"${flake##*#}\".config.system.build.$1"
}
