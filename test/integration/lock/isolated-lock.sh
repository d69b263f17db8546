#!/usr/bin/env bash
# Runs hold-lock.sh as first process of a machine of its own (private /run and processes), with or without a real systemd manager.
# usage: isolated-lock.sh <plain | systemd> <hold-lock.sh> <run folder> <seconds to wait> <seconds of silence>
set -eu
kind=$1
shift
mount -t tmpfs none /run
if [ "$kind" = systemd ]; then
  # The toolchain's, which PATH leads to, with the C library it was made for: laid over this machine's programs.
  launcher=$(command -v systemd-run)
  mount -t overlay -o "lowerdir=${launcher%/bin/systemd-run}/root/usr:/usr" overlay /usr
  export XDG_RUNTIME_DIR=/run/user-manager
  mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR" /run/bin
  chmod 700 "$XDG_RUNTIME_DIR"
  # The manager of a user is the same program without the need to be process 1.
  printf '#!/bin/sh\nexec /usr/bin/systemd-run --user "$@"\n' >/run/bin/systemd-run
  chmod 755 /run/bin/systemd-run
  PATH=/run/bin:$PATH
  unset DBUS_SESSION_BUS_ADDRESS
  /usr/lib/systemd/systemd --user --unit=basic.target </dev/null >/dev/null 2>&1 &
  until systemctl --user is-active basic.target >/dev/null 2>&1; do sleep 0.1; done
fi
bash "$@" || true
# The supervisor lives on in here.
exec sleep 60 >/dev/null 2>&1
