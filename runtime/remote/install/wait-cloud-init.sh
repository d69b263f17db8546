#!/bin/sh
# Waits until the stock image's own first-boot set-up is done: it must not run during an install.
# usage: wait-cloud-init.sh
set -u
if command -v cloud-init >/dev/null; then
  # Its exit code reports errors that do not concern us: the image is about to be replaced.
  cloud-init status --wait >/dev/null 2>&1
fi
echo "end wait-cloud-init"
