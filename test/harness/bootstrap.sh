#!/usr/bin/env bash
# What `npm run demo` and `npm test` call, also in a fresh clone: sees to Node.js and the npm packages, then hands over.
# usage: bootstrap.sh demo|test [argument…]
set -euo pipefail

readonly node_minimum=20

fail() {
  printf 'pulumi-nixos: %s\n' "$1" >&2
  exit 1
}

case "${1-}" in
demo) program=test/demo/main.ts ;;
test) program=test/run.ts ;;
*) fail 'usage: bootstrap.sh demo|test [argument…]' ;;
esac
shift

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

command -v node >/dev/null || fail "Node.js $node_minimum or newer is needed (https://nodejs.org)"
node_version=$(node --version)
node_major=${node_version#v}
node_major=${node_major%%.*}
[ "$node_major" -ge "$node_minimum" ] ||
  fail "Node.js $node_minimum or newer is needed (https://nodejs.org), this is $node_version"

# npm writes this file at the end of an installation, so an interrupted one is repeated.
readonly installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  printf 'pulumi-nixos: installing the npm packages of package-lock.json\n' >&2
  # The scripts of Pulumi's packages would download plugins into the user's own Pulumi.
  npm ci --ignore-scripts --loglevel=error >&2 || fail 'npm ci failed (its reason is above)'
fi

exec node_modules/.bin/tsx "$program" "$@"
