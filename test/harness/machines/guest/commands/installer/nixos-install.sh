#!/usr/bin/env bash
# nixos-install with a system that is already in the target's store: profile and boot loader by the real nix-env and the
# system's own program, in a real chroot.
#   usage: nixos-install --system PATH [--root DIRECTORY] [--no-root-passwd] [--no-channel-copy] [--no-bootloader]
set -euo pipefail

system=
root=/mnt
bootloader=1
root_password=1
while [[ $# -gt 0 ]]; do
  case $1 in
  --system) system=$2 && shift ;;
  --root) root=$2 && shift ;;
  --no-root-passwd | --no-root-password) root_password= ;;
  --no-channel-copy) ;;
  --no-bootloader) bootloader= ;;
  *)
    echo "nixos-install: unknown option '$1'" >&2
    exit 1
    ;;
  esac
  shift
done
fail() {
  echo "nixos-install: $*" >&2
  exit 1
}
[[ -z $root_password ]] || fail "this is not a terminal: a root password cannot be asked for, use --no-root-passwd"
[[ -n $system ]] || fail "only --system is supported on a test machine"
[[ -e $root ]] || fail "mount point $root doesn't exist"
mountpoint --quiet "$root" || fail "$root is not a mount point: the system would be installed into memory"
[[ -d $root$system/bin ]] || fail "$system is not in the store of $root"

mkdir -p "$root"/{etc,tmp,nix/var/nix/profiles,root,usr,run,proc,dev,sys}
chmod 1777 "$root/tmp"
nix-env --store "$root" --profile "$root/nix/var/nix/profiles/system" --set "$system"
touch "$root/etc/NIXOS"
ln -sfn /proc/mounts "$root/etc/mtab"

if [[ -n $bootloader ]]; then
  echo "installing the boot loader..."
  for folder in bin sbin lib lib64; do [[ -e $root/$folder || -L $root/$folder ]] || ln -s "usr/$folder" "$root/$folder"; done
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount bash -euc '
		cd "$1"
		mount --rbind /usr usr
		for folder in proc dev sys; do mount --rbind "/$folder" "$folder"; done
		mount -t tmpfs tmpfs run
		NIXOS_INSTALL_BOOTLOADER=1 exec chroot . /nix/var/nix/profiles/system/bin/switch-to-configuration boot' bash "$root"
fi
echo "installation finished!"
