#!/bin/sh
# bootctl of the miniature with systemd-boot: the few verbs deployment tools ask for. Anything else is an error.
#   is-installed | --print-boot-path | set-default ID | set-oneshot ID
# The firmware of test machines reads store paths: /boot/loader/oneshot, then /boot/loader/entry-default, then /boot/loader/default.
set -u
loader=/boot/loader

refuse() {
  echo "bootctl (miniature): $*" >&2
  exit 1
}

# set_variable FILE ID: an empty ID removes it.
set_variable() {
  if [ -z "$2" ]; then
    rm -f "$1"
    return
  fi
  if [ ! -e "$loader/entries/$2" ]; then refuse "there is no boot entry $2"; fi
  cp "$loader/entries/$2" "$1.new" && sync "$1.new" && mv -f "$1.new" "$1" && sync "$loader"
}

case "$#:${1-}" in
1:is-installed) echo yes ;;
1:--print-boot-path) echo /boot ;;
2:set-default) set_variable "$loader/entry-default" "$2" ;;
2:set-oneshot) set_variable "$loader/oneshot" "$2" ;;
*) refuse "cannot do: $*" ;;
esac
