#!/usr/bin/env bash
# Starts the sshd that PATH leads to, which need not be installed: it gets the user and the folder that it gives up its privileges to,
# in mounts of its own, and the place of its parts.
#   usage: local-sshd.sh FOLDER SSHD-ARGUMENT…
set -euo pipefail
if [ "${1-}" != --inside ]; then
  exec unshare --mount --propagation private -- bash "${BASH_SOURCE[0]}" --inside "$@"
fi
folder=$2
shift 2
sshd=$(readlink --canonicalize "$(command -v sshd)")
mkdir -p /run/sshd
if ! grep -q '^sshd:' /etc/passwd; then
  { cat /etc/passwd && echo 'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin'; } >"$folder/passwd"
  mount --bind "$folder/passwd" /etc/passwd
fi
parts=${sshd%/sbin/sshd}/lib/openssh
exec "$sshd" -o "SshdSessionPath=$parts/sshd-session" -o "SshdAuthPath=$parts/sshd-auth" "$@"
