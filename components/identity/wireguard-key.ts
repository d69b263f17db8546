import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

const label = "pulumi-nixos mesh key v1\n";
const pem =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END OPENSSH PRIVATE KEY-----\n?$/;

/** PKCS #8 of an X25519 private key (RFC 8410 section 7), up to its 32 bytes. */
const x25519Header = Buffer.from("302e020100300506032b656e04220420", "hex");

/**
 * WireGuard public key of a host, from its secret SSH host key: X25519 of SHA-256(label ‖ seed). The host derives the private half itself
 * (`hosts/modules/mesh/key.sh`), so the two must stay the same, byte for byte.
 * @param hostKey Ed25519 key as OpenSSH writes it (PROTOCOL.key), without passphrase
 * @returns base64
 * @throws Error, without any part of the key, if it has another form
 */
export function wireguardPublicKey(hostKey: string): string {
  const secret = createHash("sha256").update(label).update(seedOf(hostKey)).digest();
  const der = Buffer.concat([x25519Header, secret]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  // The last 32 bytes of a SubjectPublicKeyInfo of X25519 are the key (RFC 8410 section 4).
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}

const text = (value: string) => Buffer.concat([length(value.length), Buffer.from(value)]);
const kind = Buffer.concat([text("ssh-ed25519"), length(32)]);
/** No cipher, no key derivation, one key, whose public half is of 51 bytes. */
const header = Buffer.concat([
  Buffer.from("openssh-key-v1\0"),
  text("none"),
  text("none"),
  length(0),
  length(1),
  length(51),
  kind,
]);

/** The 32 bytes an Ed25519 key consists of (RFC 8032 section 5.1.5). */
function seedOf(hostKey: string): Buffer {
  const content = Buffer.from(pem.exec(hostKey)?.[1] ?? "", "base64");
  const part = (from: number, size: number) => content.subarray(from, from + size);
  const publicKey = part(62, 32);
  const wellFormed =
    part(0, 62).equals(header) &&
    content.length >= 225 &&
    content.length === 98 + content.readUInt32BE(94) &&
    part(98, 4).equals(part(102, 4)) &&
    part(106, 19).equals(kind) &&
    part(125, 32).equals(publicKey) &&
    part(157, 4).equals(length(64)) &&
    part(193, 32).equals(publicKey);
  if (!wellFormed)
    throw new Error("the host key is not an Ed25519 private key in OpenSSH format without a passphrase");
  return part(161, 32);
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
