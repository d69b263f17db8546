import { ed25519 } from "@noble/curves/ed25519.js";
import { bech32 } from "@scure/base";

/**
 * age recipient of an ed25519 SSH public key, as `ssh-to-age` gives it: the Montgomery form of the key's point, in bech32
 * with the prefix "age" (age-encryption.org/v1, X25519 recipient; RFC 7748 section 4.1 for the map).
 * @param publicKey `ssh-ed25519 AAAA… [comment]`
 * @throws Error if the key is of another type or malformed
 */
export function ageRecipient(publicKey: string): string {
  const [type, blob] = publicKey.trim().split(/\s+/);
  if (type !== "ssh-ed25519" || blob === undefined)
    throw new Error("an age recipient needs an ssh-ed25519 public key");
  const point = ed25519Point(Buffer.from(blob, "base64"));
  return bech32.encode("age", bech32.toWords(ed25519.utils.toMontgomery(point)), false);
}

/** Wire format: string "ssh-ed25519", string key of 32 bytes (RFC 8709 section 4; RFC 4251 section 5 for strings). */
function ed25519Point(wire: Buffer): Uint8Array {
  const header = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from("ssh-ed25519"),
    Buffer.from([0, 0, 0, 32]),
  ]);
  if (wire.length !== header.length + 32 || !wire.subarray(0, header.length).equals(header))
    throw new Error("the ssh-ed25519 public key is malformed");
  return Uint8Array.from(wire.subarray(header.length));
}
