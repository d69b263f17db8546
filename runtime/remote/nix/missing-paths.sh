#!/bin/sh
# Reports which store paths a store lacks, after fetching what the machine's own binary caches have.
# usage: missing-paths.sh <store URL> <substitute: yes | no>
# stdin: store paths, one a line, each after those it refers to
# stdout: "missing <path>" for each, in the same order, then "end missing-paths"
set -eu
store=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

invalid() {
  xargs -r nix-store --store "$store" --check-validity --print-invalid <"$1" >"$2"
}

cat >"$folder/asked"
invalid "$folder/asked" "$folder/missing"
if [ "$2" = yes ] && [ -s "$folder/missing" ]; then
  # What no cache has is not an error here: it is sent.
  xargs nix-store --store "$store" --max-jobs 0 --ignore-unknown --realise <"$folder/missing" >&2 || true
  invalid "$folder/missing" "$folder/left"
  mv "$folder/left" "$folder/missing"
fi
sed 's/^/missing /' "$folder/missing"
echo "end missing-paths"
