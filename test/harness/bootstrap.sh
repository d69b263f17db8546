#!/usr/bin/env bash
# Runs a command of this repository, also in a fresh clone: sees to Node.js and the npm packages, then hands over.
# usage: bootstrap.sh COMMAND [ARGUMENT…]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/harness/node.sh
. test/harness/node.sh

[ $# -gt 0 ] || fail 'usage: bootstrap.sh COMMAND [ARGUMENT…]'
use_node

# npm writes this file at the end of an installation, so an interrupted one is repeated.
readonly installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  printf 'pulumi-nixos: installing the npm packages of package-lock.json\n' >&2
  # The scripts of Pulumi's packages would download plugins into the user's own Pulumi.
  npm ci --ignore-scripts --loglevel=error >&2 || fail 'npm ci failed (its reason is above)'
fi

export PATH="$PWD/node_modules/.bin:$PATH"
exec "$@"
