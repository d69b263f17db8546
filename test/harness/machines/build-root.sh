#!/usr/bin/env bash
# Unpacks Debian packages into the read-only base that all test machines share. No maintainer script runs.
#   usage: build-root.sh DESTINATION < paths of .deb files, one a line
# Result: DESTINATION/base, a userland without Nix, as a stock image has it, and DESTINATION/nix, the layer with Nix
# to put above it.
set -euo pipefail
shopt -s nullglob

destination=$1
base=$destination/base
nix=$destination/nix

mkdir -p "$base"/usr/{bin,sbin,lib,lib64} "$nix"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$base/$folder"; done

while IFS= read -r package; do
  case ${package##*/} in
  nix-bin_*) target=$nix ;;
  *) target=$base ;;
  esac
  dpkg-deb --fsys-tarfile "$package" | tar --extract --directory "$target" --keep-directory-symlink \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/i18n/*' --exclude='./usr/lib/*/gconv/*' --exclude='./usr/lib/systemd/*'
done

mkdir -p "$base"/{proc,sys,dev,run,tmp,root,mnt,boot,home,etc/ssh} "$base"/var/{log,empty,lib,tmp} \
  "$base/usr/lib/fleet-machine"/{bin,guest} "$nix/nix" "$nix/etc/nix"
chmod 1777 "$base/tmp" "$base/var/tmp"
chmod 700 "$base/root"
rm -rf "$base"/etc/{os-release,debian_version,issue,issue.net,motd,hostname}

cp "$base/usr/share/base-passwd/passwd.master" "$base/etc/passwd"
cp "$base/usr/share/base-passwd/group.master" "$base/etc/group"
sed -i 's#^root:[^:]*:#root:x:#' "$base/etc/passwd"
echo 'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin' >>"$base/etc/passwd"
awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' "$base/etc/passwd" >"$base/etc/shadow"
chmod 640 "$base/etc/shadow"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$base/etc/nsswitch.conf"
# Packages' own PAM files include ones that only maintainer scripts write.
printf '%s\n' 'auth sufficient pam_permit.so' 'account sufficient pam_permit.so' 'session sufficient pam_permit.so' |
  tee "$base"/etc/pam.d/{other,sudo,sudo-i,doas} >/dev/null
# Names that maintainer scripts and alternatives would make.
for name in sh:dash awk:mawk; do
  [[ -x $base/usr/bin/${name#*:} ]] || {
    echo "the packages contain no ${name#*:}" >&2
    exit 1
  }
  [[ -e $base/usr/bin/${name%:*} ]] || ln -s "${name#*:}" "$base/usr/bin/${name%:*}"
done

cat >"$nix/etc/nix/nix.conf" <<'END'
experimental-features = nix-command flakes
build-users-group = nixbld
sandbox = true
sandbox-paths = /bin/sh=/usr/bin/bash-static /usr /lib=/usr/lib /lib64=/usr/lib64
filter-syscalls = false
substituters =
trusted-users = root
END
cp "$base/etc/passwd" "$nix/etc/passwd"
cp "$base/etc/group" "$nix/etc/group"
members=
for number in 1 2 3 4; do
  echo "nixbld$number:x:3000$number:30000::/var/empty:/usr/sbin/nologin" >>"$nix/etc/passwd"
  members+=${members:+,}nixbld$number
done
echo "nixbld:x:30000:$members" >>"$nix/etc/group"

ldconfig -r "$base"
