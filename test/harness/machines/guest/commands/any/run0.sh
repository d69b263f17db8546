#!/usr/bin/env bash
# run0 of systemd 256, of which there is none here, as far as a session without a terminal can use it: a fresh environment, and leave by
# rule alone. The rules are sudo's.
set -euo pipefail

if [[ ${1-} != --no-ask-password || ${2-} != -- || $# -lt 3 ]]; then
  printf 'run0 (test machine): unsupported arguments: %s\n' "$*" >&2
  exit 64
fi
shift 2
if ! sudo -n true 2>/dev/null; then
  echo 'Failed to start transient service unit: Interactive authentication required.' >&2
  exit 1
fi
# shellcheck disable=SC2016 # For the inner shell.
exec sudo -n -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin USER=root LOGNAME=root HOME=/root SHELL=/bin/sh \
  sh -c 'cd / && exec "$@"' run0 "$@"
