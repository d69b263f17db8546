#!/bin/sh
# Runs a program as root by sudo with a password, which is tried once: sudo's own standard input holds nothing but that line, so that a
# second attempt finds its end, and where sudo asks for no password the program does not find it in its own.
# usage: sudo-password.sh <program> [argument…]
# stdin: the password as one line, then the program's own standard input
IFS= read -r password || exit 1
# The password, in the shell's own memory, travels through a pipe: printf is built into the shell, so no argument list shows it. The
# program gets this shell's standard input, which root may open; sudo itself closes every other file.
# shellcheck disable=SC2016 # For the inner shell.
printf '%s\n' "$password" |
  sudo -k -S -p '' -- /bin/sh -c 'exec <"/proc/$1/fd/0" || exit 1; shift; exec "$@"' fleet-input "$$" "$@"
