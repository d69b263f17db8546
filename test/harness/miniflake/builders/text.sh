#!/bin/sh
# Builds one file: environment `out`, `text`, `mode` (octal).
set -eu
PATH=/usr/bin:/bin
: "${out:?}" "${mode:?}"
printf '%s' "${text?}" >"$out"
chmod "$mode" "$out"
