#!/usr/bin/env bash
# Firmware and initial RAM disk of a test machine: process 1 of new mount, uts, ipc and pid namespaces, on the operator's
# tools. Finds what to boot, makes its root, and becomes its init.
#   usage: boot.sh MACHINE_DIRECTORY BASE_DIRECTORY NIX_LAYER_DIRECTORY COMMANDS_DIRECTORY HOSTNAME MEMORY_MIB PROGRAMS_DIRECTORY
# In MACHINE_DIRECTORY/hardware lies what the machine's owner and its systems tell each other (see guest/README.md).
set -euo pipefail
shopt -s nullglob

machine=$1
base=$2
nix=$3
commands=$4
name=$5
memory=$6
programs=$7
guest=$(dirname "$(readlink -f "$0")")
hardware=$machine/hardware
root=$machine/root
disk=$machine/disk
devices=$machine/dev

say() { printf '[firmware] %s\n' "$*"; }

create_devices() {
  local link
  mkdir -p "$devices"
  mount -t tmpfs -o mode=755 fleet-dev "$devices"
  cp -a /dev/{null,zero,full,random,urandom,tty} "$devices/"
  mkdir "$devices/pts" "$devices/shm"
  ln -s pts/ptmx "$devices/ptmx"
  ln -s /proc/self/fd "$devices/fd"
  for link in stdin:0 stdout:1 stderr:2; do ln -s "fd/${link#*:}" "$devices/${link%:*}"; done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$devices/pts"
  mount -t tmpfs -o mode=1777 fleet-shm "$devices/shm"
  bash "$guest/commands/any/sync-devices.sh" "$devices" "$hardware/disks"
  # Mounts carry the name of their device: it must be the one the system knows.
  mount --rbind "$devices" /dev
}

# Mounts the first partition of the disk that holds a system and prints what it is; nothing when there is none.
find_system() {
  local partition
  for partition in /dev/sda[0-9]*; do
    case $(blkid --probe --usages filesystem --match-tag TYPE --output value "$partition" || true) in
    ext4 | xfs | btrfs) ;;
    *) continue ;;
    esac
    mount "$partition" "$disk" 2>/dev/null || continue
    if [[ -e $disk/boot/loader/default || -e $disk/upper/boot/loader/default ]]; then
      echo "$partition" >"$machine/root-partition"
      echo nixos
      return
    elif [[ -e $disk/stock-image ]]; then
      echo stock
      return
    fi
    umount "$disk"
  done
}

# Rescue is for one boot, and only while it is asked for; prints nothing, and is false, when it is not.
take_rescue() {
  [[ -e $hardware/rescue/until ]] || return 1
  rm -rf "$hardware/rescue-boot"
  mv "$hardware/rescue" "$hardware/rescue-boot"
  (($(<"$hardware/rescue-boot/until") > EPOCHSECONDS))
}

# A root in memory, over the given read-only folders.
mount_in_memory() {
  mkdir -p "$machine/ram"
  mount -t tmpfs -o "mode=755,size=$((memory * 8 / 10))m" fleet-ram "$machine/ram"
  mkdir "$machine/ram/upper" "$machine/ram/work"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$machine/ram/upper,workdir=$machine/ram/work" "$root"
}

mount_installer() { mount_in_memory "$nix:$base"; }

mount_rescue() { mount_in_memory "$base"; }

mount_stock() {
  mount -t overlay overlay -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work" "$root"
}

# The partition is the root, as on real hardware; only /usr is lent, as nothing here builds a userland.
mount_nixos() {
  local folder
  mount --bind "$disk" "$root"
  for folder in usr proc sys dev run tmp var/log var/empty var/tmp root etc/ssh nix/var; do mkdir -p "$root/$folder"; done
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 700 "$root/root"
  for folder in bin sbin lib lib64; do [[ -e $root/$folder || -L $root/$folder ]] || ln -s "usr/$folder" "$root/$folder"; done
  mount -t overlay overlay -o "ro,lowerdir=$nix/usr:$base/usr" "$root/usr"
  for folder in passwd group shadow nsswitch.conf pam.d login.defs nix/nix.conf; do
    [[ -e $root/etc/$folder ]] && continue
    mkdir -p "$(dirname "$root/etc/$folder")"
    if [[ -e $nix/etc/$folder ]]; then
      cp -a "$nix/etc/$folder" "$root/etc/$folder"
    else cp -a "$base/etc/$folder" "$root/etc/$folder"; fi
  done
}

mount_kernel_interfaces() {
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount --move "$devices" "$root/dev"
  mount -t tmpfs -o mode=755 fleet-run "$root/run"
  mkdir -p "$root/run/sshd" "$root/run/lock" "$root/run/fleet-machine/hardware"
  mount --bind "$hardware" "$root/run/fleet-machine/hardware"
  mount --bind "$hardware/boot-id" "$root/proc/sys/kernel/random/boot_id"
  # A mount over /proc makes Nix believe that user namespaces cannot be had, and build without a sandbox; told that there are
  # none it uses root's namespaces.
  mount --bind "$hardware/zero" "$root/proc/sys/user/max_user_namespaces"
  sed -E "s/^(MemTotal|MemFree|MemAvailable):.*/\1:       $((memory * 1024)) kB/" /proc/meminfo >"$machine/meminfo"
  mount --bind "$machine/meminfo" "$root/proc/meminfo"
}

mount_machine_tools() {
  local tools=$root/usr/lib/fleet-machine
  mount --bind -o ro "$guest" "$tools/guest"
  mount --bind -o ro "$commands/$1" "$tools/bin"
  # Large ones that only some systems start, and not every operator has.
  if [[ -d $programs ]]; then
    mkdir "$root/run/fleet-machine/programs"
    mount --bind -o ro "$programs" "$root/run/fleet-machine/programs"
  fi
}

mount --make-rprivate /
mkdir -p "$root" "$disk"
create_devices

if [[ -e $hardware/kexec/requested ]]; then
  rm "$hardware/kexec/requested"
  mode=installer
elif take_rescue; then
  mode=rescue
else
  mode=$(find_system)
fi
if [[ -z $mode ]]; then
  say "no bootable device"
  echo none >"$hardware/boot-mode"
  exec sleep infinity
fi
say "booting $mode"
if [[ $mode = nixos ]] && ! bash "$guest/stage-1.sh" "$(cat "$machine/root-partition")" "$disk"; then
  echo stage-1 >"$hardware/boot-mode"
  exec sleep infinity
fi
echo "$mode" >"$hardware/boot-mode"
hostname "$name"

"mount_$mode"
# The bind mount above keeps the partition; this one must not show up in the system.
if [[ $mode = nixos ]]; then umount "$disk"; fi
mount_kernel_interfaces
mount_machine_tools "$mode"
mkdir "$root/run/fleet-machine/old"
cd "$root"
pivot_root . run/fleet-machine/old
exec env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux \
  /usr/bin/bash /usr/lib/fleet-machine/guest/init.sh "$mode"
