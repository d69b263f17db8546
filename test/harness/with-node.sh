#!/usr/bin/env bash
# Runs a command with a Node.js that is new enough, and no npm package installed for it: npm itself calls this.
# usage: with-node.sh COMMAND [ARGUMENT…]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/harness/node.sh
. test/harness/node.sh
use_node
exec "$@"
