#!/usr/bin/env bash
# Makes a release of what is on main, see docs/releasing.md: cuts the changelog, sets the version, commits. Pushes nothing.
# usage: release.sh [--tag] <version>    with --tag also makes the tag v<version>
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly changelog=CHANGELOG.md
readonly files=("$changelog" package.json package-lock.json)

fail() {
  printf 'release.sh: %s\n' "$1" >&2
  exit 1
}

usage() {
  printf 'usage: release.sh [--tag] <version>\n' >&2
  exit 2
}

# Version of package.json; fails unless package-lock.json has the same.
package_version() {
  node --input-type=module --eval '
    import { readFileSync } from "node:fs";
    const read = (file) => JSON.parse(readFileSync(file, "utf8"));
    const [{ version }, lock] = [read("package.json"), read("package-lock.json")];
    if (lock.version !== version || lock.packages[""].version !== version) process.exit(1);
    console.log(version);
  ' || fail 'package.json and package-lock.json have different versions'
}

# Version of the newest section below [Unreleased]; empty where there is none.
released_version() {
  sed -n 's/^## \[\([0-9][^]]*\)\] - [0-9-]*$/\1/p' "$changelog" | head -n 1
}

# Entries of [Unreleased].
unreleased_entries() {
  awk '/^## / { inside = ($0 == "## [Unreleased]"); next } inside && /^- /' "$changelog"
}

cut_changelog() {
  local heading
  heading="## [$1] - $(date -u +%F)"
  awk -v heading="$heading" '{ print } $0 == "## [Unreleased]" { printf "\n%s\n", heading }' "$changelog" >"$changelog.new"
  mv "$changelog.new" "$changelog"
}

# The tree was clean at the start, so whatever an interrupted release has changed can go.
undo() {
  rm -f "$changelog.new"
  git restore --staged --worktree -- "${files[@]}"
  printf 'release.sh: nothing was released, the files are as they were\n' >&2
}

cut_release() {
  trap undo EXIT
  cut_changelog "$1"
  npm version --no-git-tag-version --ignore-scripts --allow-same-version "$1" >/dev/null
  git commit --quiet --message "release: $1" -- "${files[@]}"
  trap - EXIT
  printf 'release.sh: committed "release: %s"\n' "$1"
}

is_newer() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | tail -n 1)" = "$1" ]
}

tag=false
if [ "${1-}" = --tag ]; then
  tag=true
  shift
fi
[ "$#" -eq 1 ] || usage
readonly version=$1
[[ $version =~ ^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}$ ]] || usage

[ "$(git symbolic-ref --quiet --short HEAD)" = main ] || fail 'a release is made on the branch main'
[ -z "$(git status --porcelain)" ] || fail 'there are changes that are not committed'
if git show-ref --quiet --verify "refs/tags/v$version"; then fail "the tag v$version exists already"; fi

package=$(package_version)
released=$(released_version)
entries=$(unreleased_entries)
[ "${released:-$package}" = "$package" ] ||
  fail "package.json has version $package, the newest in $changelog is $released"

if [ "$released" != "$version" ]; then
  [ -z "$released" ] || is_newer "$version" "$released" || fail "$version is older than $released"
  [ -n "$entries" ] || fail "[Unreleased] in $changelog has no entries"
  cut_release "$version"
elif ! "$tag"; then
  fail "$version is in $changelog already; --tag makes its tag"
elif [ -n "$entries" ]; then
  fail "[Unreleased] in $changelog has entries: this commit is more than $version"
fi

if "$tag"; then
  git tag --annotate --message "pulumi-nixos $version" "v$version"
  printf 'release.sh: made the tag v%s\n' "$version"
  printf '  next: git push origin main v%s\n' "$version"
else
  printf '  next: .ci/run has to be green on this commit; then release.sh --tag %s\n' "$version"
fi
