#!/usr/bin/env bash
# Runs the README's commands, or others, in a Debian that has nothing else: what this repository takes from a machine without saying so
# fails there. As root, on Debian; the machine it runs on stays as it is.
#   usage: fresh.sh [--keep] [--node debian|none] SUITE [COMMAND…]
#   SUITE: trixie, bookworm. COMMAND: a line for the shell, run in a clone of this repository's last commit; several run one after the other.
#   --node: Debian's own Node.js and npm (the default), or neither, but curl. --keep: the folder stays, and its name is told.
# The Debian has Git, certificates and, where this machine has it, Go with its caches: Pulumi's programs are built where Pulumi's downloads
# cannot be reached. Proxies, certificates and registries are those of this machine.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
clone=/root/pulumi-nixos
readonly repository clone

fail() {
  printf 'fresh.sh: %s\n' "$1" >&2
  exit 1
}

say() {
  printf '\nfresh.sh: %s\n' "$1" >&2
}

# In mounts and processes of its own: makes folder $1 the root and runs the command after it there.
if [ "${1-}" = --inside ]; then
  root=$2
  shift 2
  mount --bind "$root" "$root"
  cd "$root"
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --rbind /dev dev
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
  mount --bind dev/pts/ptmx dev/ptmx
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  for folder in run tmp; do mount -t tmpfs -o mode=1777 tmpfs "$folder"; done
  # Mount points were made before.
  if [ -d usr/local/go ]; then
    mount --rbind "$(go env GOROOT)" usr/local/go
    mount --bind "$(go env GOMODCACHE)" root/go/pkg/mod
    mount --bind "$(go env GOCACHE)" root/.cache/go-build
  fi
  mkdir -p .outside
  pivot_root . .outside
  umount --lazy /.outside
  rmdir /.outside
  ip link set lo up 2>/dev/null || true
  cd "$clone"
  # As process 1 it has to outlive the command, and to reap what others leave.
  "$@" || exit $?
  exit 0
fi

keep=false
node=debian
while :; do
  case "${1-}" in
  --keep) keep=true ;;
  --node)
    shift
    node=${1-}
    ;;
  -*) fail "there is no option $1" ;;
  *) break ;;
  esac
  shift
done
suite=${1-}
case $suite in
trixie | bookworm) shift ;;
*) fail 'usage: fresh.sh [--keep] [--node debian|none] trixie|bookworm [COMMAND…]' ;;
esac
case $node in
debian) programs=(nodejs npm) ;;
none) programs=(curl) ;;
*) fail "--node is debian or none, not \"$node\"" ;;
esac
commands=("$@")
if [ $# -eq 0 ]; then
  case $node in
  debian) commands=('npm run demo' 'npm run demo -- down' 'npm test') ;;
  none) commands=('bash test/harness/bootstrap.sh tsx test/demo/main.ts' 'bash test/harness/bootstrap.sh tsx test/demo/main.ts down' 'bash test/harness/bootstrap.sh tsx test/run.ts') ;;
  esac
fi

[ "$(id -u)" -eq 0 ] || fail 'it makes mounts, which takes root'
for program in apt-get dpkg-deb git pivot_root tar unshare wget; do
  command -v "$program" >/dev/null || fail "$program is needed"
done

cache=$repository/.fleet/fresh
mkdir -p "$cache/packages"
work=$(mktemp --directory "$cache/$suite.XXXXXX")
running=
# shellcheck disable=SC2317 # The trap calls it.
clean_up() {
  local status=$?
  trap - EXIT
  if [ -n "$running" ]; then
    kill -KILL "$running" 2>/dev/null || true
    wait "$running" 2>/dev/null || true
  fi
  # All mounts were in namespaces that ended with their first process.
  if "$keep"; then say "kept: $work"; else rm -rf --one-file-system "$work"; fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command in mounts and processes of its own, all of which end with it, or with this script; signals are heard meanwhile.
contained() {
  local outcome=0
  unshare --mount --propagation private --pid --fork --kill-child -- "$@" &
  running=$!
  wait "$running" || outcome=$?
  running=
  return "$outcome"
}

# The mirror of this machine's own apt, as the toolchain takes it.
mirror() {
  local found=${FLEET_TEST_DEBIAN_MIRROR-}
  [ -n "$found" ] || found=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null |
    sed -nE 's#^(URIs:|deb( +\[[^]]*\])?) *(https?://[^ ]*/debian)/?( .*)?$#\3#p' | head -n 1)
  [ -n "$found" ] || fail 'set FLEET_TEST_DEBIAN_MIRROR to the address of a Debian mirror'
  printf '%s\n' "${found%/}"
}

# Debian's own debootstrap with its keyring, whatever this machine has.
unpack_debootstrap() {
  local package
  [ -d "$cache/debootstrap" ] && return
  mkdir -p "$cache/debootstrap.$$"
  bash "$repository/test/harness/bootstrap.sh" tsx test/harness/toolchain/main.ts download debootstrap debian-archive-keyring >"$work/packages"
  while IFS= read -r package; do
    case ${package##*/} in
    debootstrap_* | debian-archive-keyring_*) dpkg-deb --extract "$package" "$cache/debootstrap.$$" ;;
    esac
  done <"$work/packages"
  mv --no-target-directory "$cache/debootstrap.$$" "$cache/debootstrap"
}

make_root() {
  local root=$1
  contained env "DEBOOTSTRAP_DIR=$cache/debootstrap/usr/share/debootstrap" "$cache/debootstrap/usr/sbin/debootstrap" \
    --variant=minbase --include=ca-certificates --cache-dir="$cache/packages" \
    --keyring="$cache/debootstrap/usr/share/keyrings/debian-archive-keyring.gpg" "$suite" "$root" "$(mirror)" >"$work/debootstrap.log" 2>&1 ||
    {
      tail -n 20 "$work/debootstrap.log" "$root/debootstrap/debootstrap.log" >&2 || true
      fail "debootstrap failed (its last words are above)"
    }
}

# How this machine reaches registries and mirrors, without a word about which.
copy_configuration() {
  local root=$1 file
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf ~/.npmrc ~/.config/go/env ~/.config/pip/pip.conf; do
    [ -e "$file" ] || continue
    mkdir -p "$root${file%/*}"
    cp --dereference "$file" "$root$file"
  done
  for file in /etc/apt/apt.conf.d/*; do
    if grep -q '^Acquire::' "$file" 2>/dev/null; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
  done
  if command -v go >/dev/null; then mkdir -p "$root"/{usr/local/go,root/go/pkg/mod,root/.cache/go-build}; fi
}

# Variables about proxies, certificates and registries, one NAME=VALUE each.
passed_variables() {
  env --null | grep --null-data --extended-regexp '^([A-Za-z_]*(PROXY|proxy|_CERTS?|_CA|CA_BUNDLE|CA_[A-Z_]*|CERT_(FILE|DIR)|CAINFO)|npm_config_registry|PIP_[A-Z_]*|GO(PROXY|SUMDB|NOSUMDB|FLAGS|TOOLCHAIN|PRIVATE))=' || true
}

run_in() {
  local root=$1 command=$2 variables=()
  mapfile -d '' -t variables < <(passed_variables)
  contained bash "${BASH_SOURCE[0]}" --inside "$root" \
    /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${variables[@]}" \
    PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "$command"
}

say "a minimal Debian $suite with Git and ${programs[*]}"
unpack_debootstrap
make_root "$work/root"
copy_configuration "$work/root"
# debootstrap itself is not made for packages with many dependencies.
mkdir -p "$work/root$clone"
run_in "$work/root" "apt-get -qq update && apt-get -qq install --yes --no-install-recommends git ${programs[*]}" >"$work/apt.log" 2>&1 ||
  { tail -n 20 "$work/apt.log" >&2 && fail 'apt-get failed (its last words are above)'; }
git clone --quiet --no-hardlinks "$repository" "$work/root$clone"

results=()
failed=0
for command in "${commands[@]}"; do
  say "\$ $command"
  started=$SECONDS
  outcome=ok
  run_in "$work/root" "$command" || { outcome="failed with $?" && failed=1; }
  results+=("$outcome, $((SECONDS - started)) s: $command")
done
say "in a fresh Debian $suite:"
printf '  %s\n' "${results[@]}" >&2
exit "$failed"
