#!/usr/bin/env bash
# Lints TypeScript with Biome, imports between folders with dependency-cruiser, unused exports and files with knip, and every tracked shell
# and Nix file with shellcheck and shfmt, nixpkgs-fmt and deadnix, each at a pinned version. `npm run lint` calls it.
# usage: lint.sh [--fix]    with --fix the formatters write
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case "${1-}" in
'') fix=false ;;
--fix) fix=true ;;
*)
  printf 'usage: lint.sh [--fix]\n' >&2
  exit 2
  ;;
esac

tools=$(tsx test/harness/toolchain/main.ts lint-tools)
tool() {
  sed -n "s/^$1=//p" <<<"$tools"
}

# A deleted file is still tracked until it is committed.
existing() {
  local file
  while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
  done
}
mapfile -d '' -t shell_files < <(git ls-files -z -- '*.sh' .ci/run | existing)
mapfile -d '' -t nix_files < <(git ls-files -z -- '*.nix' | existing)

if [ "${#shell_files[@]}" -eq 0 ] || [ "${#nix_files[@]}" -eq 0 ]; then
  printf 'lint.sh: git lists no shell or no Nix files: is this a clone of the repository?\n' >&2
  exit 1
fi

failed=()
check() {
  local name=$1
  shift
  "$@" || failed+=("$name")
}

check depcruise depcruise --config .dependency-cruiser.cjs --output-type err model runtime components cli index.ts
check knip knip
check knip-production knip --production
# shfmt takes its style from .editorconfig.
if "$fix"; then
  check biome biome check --write .
  check shfmt "$(tool SHFMT)" --write "${shell_files[@]}"
  check nixpkgs-fmt "$(tool NIXPKGS-FMT)" "${nix_files[@]}"
else
  check biome biome check --error-on-warnings .
  check shfmt "$(tool SHFMT)" --diff "${shell_files[@]}"
  check nixpkgs-fmt "$(tool NIXPKGS-FMT)" --check "${nix_files[@]}"
fi
check shellcheck "$(tool SHELLCHECK)" --external-sources "${shell_files[@]}"
# A module's unused `config`, `lib` or `pkgs` says which arguments there are.
check deadnix "$(tool DEADNIX)" --fail --no-lambda-pattern-names "${nix_files[@]}"

if [ "${#failed[@]}" -gt 0 ]; then
  printf 'lint.sh: errors found by: %s\n' "${failed[*]}" >&2
  printf '  next: fix them; "npm run format" formats\n' >&2
  exit 1
fi
printf 'lint.sh: %d shell and %d Nix files are in order\n' "${#shell_files[@]}" "${#nix_files[@]}"
