import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";

const word = (content: Uint8Array | string) => {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  return Buffer.concat([size, Buffer.from(content)]);
};
/** A key's content as it stands in a file. */
export const armoured = (content: Buffer) => {
  const lines = content.toString("base64").replaceAll(/.{70}/g, "$&\n").trim();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
};
/** OpenSSH's form of an Ed25519 key without a passphrase (PROTOCOL.key); check: its four random bytes. */
export function openSsh(seed: Uint8Array, check: Uint8Array, comment: string): Buffer {
  const point = ed25519.getPublicKey(seed);
  const publicKey = Buffer.concat([word("ssh-ed25519"), word(point)]);
  const secret = [check, check, publicKey, word(Buffer.concat([seed, point])), word(comment)];
  const inner = Buffer.concat(secret);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const parts = ["openssh-key-v1\0", word("none"), word("none"), word(""), one, word(publicKey)];
  return Buffer.concat([...parts.map((part) => Buffer.from(part)), word(Buffer.concat([inner, padding]))]);
}

/** The host key that Pulumi's mocks give a resource of this name. */
export function mockedHostKey(name: string): string {
  return armoured(openSsh(createHash("sha256").update(name).digest(), new Uint8Array(4), name));
}
