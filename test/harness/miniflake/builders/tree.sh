#!/bin/sh
# Builds a folder: environment `out`, arguments HOW PATH SOURCE, repeated.
#   link: symbolic link to SOURCE; program: executable copy of SOURCE; text: file with SOURCE as its content.
set -eu
PATH=/usr/bin:/bin
: "${out:?}"
mkdir -p "$out"
while [ $# -gt 0 ]; do
  how=$1
  target=$out/$2
  source=$3
  shift 3
  mkdir -p "$(dirname "$target")"
  case $how in
  link) ln -s "$source" "$target" ;;
  program)
    cp "$source" "$target"
    chmod 555 "$target"
    ;;
  text) printf '%s' "$source" >"$target" ;;
  *)
    echo "tree.sh: unknown kind of entry: $how" >&2
    exit 1
    ;;
  esac
done
