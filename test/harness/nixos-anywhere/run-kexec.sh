#!/bin/bash
# Runs on the target: run-kexec.sh ELEVATE UNPACK; unpacks the uploaded tarball and starts its kexec/run.
set -eu
elevate=$1
unpack=$2
cd "$HOME/kexec"
{
  # shellcheck disable=SC2086 # Both may be empty, and are single words.
  tar -xvf kexec-tarball.tar.gz $unpack
  # shellcheck disable=SC2086
  TMPDIR="$HOME/kexec" $elevate setsid --wait "$HOME/kexec/kexec/run" --kexec-extra-flags ''
} 2>&1 | tee nixos-anywhere.log || true
# The connection may break at this point, so the message counts and not the exit code.
if ! grep -q 'machine will boot into nixos' nixos-anywhere.log; then
  echo 'Kexec may have failed - check output above'
  exit 1
fi
