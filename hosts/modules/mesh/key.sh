#!/bin/sh
# key.sh HOST_KEY OUT: derives the host's WireGuard private key from its SSH host key, so that no other secret has to be provided or kept.
#
# SHA-256("pulumi-nixos mesh key v1\n" ‖ seed of the Ed25519 key), in base64; X25519 clamps it itself (RFC 7748 section 5).
# components/identity/wireguard-key.ts derives the public half in the same way. The key must be OpenSSH's (PROTOCOL.key), Ed25519, without passphrase:
# the seed then starts at byte 161. Anything else is refused. Secrets go through pipes and builtins only, never through arguments.
set -eu
umask 077
host_key=$1
out=$2

refuse() {
  echo "fleet mesh: no WireGuard key can be derived from $host_key: $1" >&2
  exit 1
}
to_hex() { od -An -v -tx1 | tr -d ' \n'; }
from_hex() { tr abcdef ABCDEF | basenc --base16 --decode; }
# part FROM LENGTH: bytes of the key file's content, in hexadecimal digits.
part() { printf '%s' "$content" | cut -c "$(($1 * 2 + 1))-$((($1 + $2) * 2))"; }

[ -r "$host_key" ] || refuse "it cannot be read"
[ "$(sed -n 1p "$host_key")" = '-----BEGIN OPENSSH PRIVATE KEY-----' ] || refuse "it is not an OpenSSH private key"
[ "$(sed -n '$p' "$host_key")" = '-----END OPENSSH PRIVATE KEY-----' ] || refuse "its end is missing"
content=$(sed '1d;$d' "$host_key" | base64 -d 2>/dev/null | to_hex)

# Cipher and key derivation "none", no options, one key: string ssh-ed25519 and 32 bytes.
kind='\0\0\0\013ssh-ed25519\0\0\0\040'
# shellcheck disable=SC2059 # Its escapes are meant.
header=$(printf "openssh-key-v1\0\0\0\0\004none\0\0\0\004none\0\0\0\0\0\0\0\001\0\0\0\063$kind" | to_hex)
# shellcheck disable=SC2059
kind=$(printf "$kind" | to_hex)
[ "$(part 0 62)" = "$header" ] || refuse "it is not an Ed25519 key, or it has a passphrase"
if [ "${#content}" -lt 450 ] || [ "${#content}" -ne $(((98 + 0x$(part 94 4)) * 2)) ]; then refuse "it is incomplete"; fi
public=$(part 62 32)
if [ "$(part 98 4)" != "$(part 102 4)" ] || [ "$(part 106 19)" != "$kind" ] || [ "$(part 125 32)" != "$public" ] ||
  [ "$(part 157 4)" != 00000040 ] || [ "$(part 193 32)" != "$public" ]; then
  refuse "its two halves do not match"
fi

key=$({
  printf 'pulumi-nixos mesh key v1\n'
  part 161 32 | tr -d '\n' | from_hex
} | sha256sum | cut -c 1-64 | tr -d '\n' | from_hex | base64)
[ "${#key}" -eq 44 ] || refuse "the derivation failed"
printf '%s\n' "$key" >"$out.new"
mv "$out.new" "$out"
