#!/bin/sh
# Runs on the target: one fact a line.
set -eu

has() {
  if command -v "$1" >/dev/null; then echo y; else echo n; fi
}

is_nixos() {
  test -f /etc/os-release && grep -Eq '^ID(_LIKE)?="?nixos"?$' /etc/os-release
}

echo "os=$(uname)"
echo "architecture=$(uname -m)"
if is_nixos && grep -Eq '^VARIANT_ID="?installer"?$' /etc/os-release; then echo installer=y; else echo installer=n; fi
if [ "$(id -u)" -eq 0 ]; then echo root=y; else echo root=n; fi
echo "tar=$(has tar)"
echo "cpio=$(has cpio)"
echo "sudo=$(has sudo)"
if setsid --wait true 2>/dev/null; then echo setsid=y; else echo setsid=n; fi
