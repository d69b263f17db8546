#!/usr/bin/env bash
# `kexec/run` of a tarball for test machines: takes what the real one of nixos-images takes, and enters the machine's installer.
set -euo pipefail

while (($# > 0)); do
  case $1 in
  --kexec-extra-flags)
    (($# >= 2)) || {
      echo "kexec/run: --kexec-extra-flags needs a value" >&2
      exit 1
    }
    shift 2
    ;;
  *)
    echo "kexec/run: unknown option $1" >&2
    exit 1
    ;;
  esac
done

if [[ $(id -u) -ne 0 ]]; then
  echo "kexec/run: must be run as root" >&2
  exit 1
fi

enter=/usr/lib/fleet-machine/bin/kexec-into-installer
if [[ ! -x $enter ]]; then
  echo "kexec/run: this is not a test machine: $enter is missing" >&2
  exit 1
fi
exec "$enter"
