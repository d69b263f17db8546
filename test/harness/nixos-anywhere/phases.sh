# shellcheck shell=bash
# shellcheck disable=SC2154 # Set by the files sourced beside this one.
# The phases.

disko_attribute() {
  if [[ $disko_dependencies == y ]]; then echo "${disko_mode}Script"; else echo "${disko_mode}ScriptNoDeps"; fi
}

# With --flake, closures are built before the target is touched unless they are to be built there.
find_closures() {
  if [[ -z $flake || $build_on == remote ]]; then return 0; fi
  local build=(nix build --print-out-paths --no-link "${nix_options[@]}")
  if runs_phase disko; then disko_script=$("${build[@]}" "$(attribute "$(disko_attribute)")"); fi
  if runs_phase install; then system=$("${build[@]}" "$(attribute toplevel)"); fi
}

enter_installer() {
  if [[ ${facts[installer]} == y ]]; then return 0; fi
  [[ -f $kexec_tarball ]] || fail "--kexec with an existing file is not optional in this stand-in"
  local unpack
  case $kexec_tarball in
  *.tar.gz) unpack=--gzip ;;
  *.tar.xz) unpack=--xz ;;
  *.tar.zst) unpack=--zstd ;;
  *.tar) unpack='' ;;
  *) fail "unknown kind of kexec tarball: $kexec_tarball" ;;
  esac
  local before
  before=$(boot_id)
  announce "Switching system into kexec"
  # shellcheck disable=SC2016 # $HOME is the target's.
  on_target 'mkdir -p "$HOME/kexec" && cat > "$HOME/kexec/nixos-anywhere-kexec.sh"' <"$here/run-kexec.sh"
  # shellcheck disable=SC2016
  on_target 'cat > "$HOME/kexec/kexec-tarball.tar.gz"' <"$kexec_tarball"
  # shellcheck disable=SC2016
  if ! on_target 'bash "$HOME/kexec/nixos-anywhere-kexec.sh"' "$(printf '%q %q' "$elevate" "$unpack")"; then
    echo "Kexec failed" >&2
    exit 1
  fi
  use_installer_port
  while runs_boot "$before"; do sleep 1; done
  target="root@${target#*@}"
  until on_target -o ConnectTimeout=10 -- exit 0; do sleep 1; done
  gather_facts
  [[ ${facts[installer]} == y ]] || fail "Failed to kexec into NixOS installer"
}

use_installer_port() {
  local i
  for i in "${!ssh_options[@]}"; do
    if [[ ${ssh_options[i]} == -p ]]; then ssh_options[i + 1]=$installer_port; fi
  done
}

format_disks() {
  local i
  for ((i = 0; i < ${#disk_keys[@]}; i += 2)); do
    announce "Uploading ${disk_keys[i + 1]} to ${disk_keys[i]}"
    on_target "umask 077; mkdir -p \"$(dirname "${disk_keys[i]}")\"; cat > ${disk_keys[i]}" <"${disk_keys[i + 1]}"
  done
  if [[ -n $disko_script ]]; then
    copy_closure '' "$disko_script"
  else
    announce "Building disko script"
    disko_script=$(build_there '' "$(disko_attribute)")
  fi
  announce "Formatting hard drive with disko"
  on_target "$disko_script"
}

install_system() {
  local mounted='remote-store=local%3Froot=%2Fmnt&'
  if [[ -n $system ]]; then
    announce "Uploading the system closure"
    copy_closure "$mounted" "$system"
  else
    announce "Building the system closure"
    system=$(build_there "$mounted" toplevel)
  fi
  if [[ -n $extra_files ]]; then copy_extra_files; fi
  announce "Installing NixOS"
  on_target sh -s -- "$system" "$copy_host_keys" <"$here/install-system.sh"
}

copy_extra_files() {
  local i
  announce "Copying extra files"
  tar -C "$extra_files" -cpf- . | on_target "tar -C /mnt -xf- --no-same-owner"
  on_target "chmod 755 /mnt" # The archive carries the mode of the folder itself.
  for ((i = 0; i < ${#ownership[@]}; i += 2)); do
    # shellcheck disable=SC2016 # The target reads both.
    printf '%s\n%s\n' "${ownership[i + 1]}" "/mnt/${ownership[i]}" |
      on_target 'read -r owner && read -r path && chown -R "$owner" "$path"'
  done
}

reboot_target() {
  local before
  before=$(boot_id)
  announce "Rebooting"
  on_target sh <"$here/reboot.sh"
  announce "Waiting for the machine to become unreachable due to reboot"
  while runs_boot "$before"; do sleep 1; done
}
