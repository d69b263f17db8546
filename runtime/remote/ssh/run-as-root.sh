#!/bin/sh
# Runs a program with the folders of a system's programs in PATH, whatever sudo's secure_path, doas or run0 made of it.
# usage: run-as-root.sh <program> [argument…]
PATH=${PATH:+$PATH:}/run/wrappers/bin:/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
exec "$@"
