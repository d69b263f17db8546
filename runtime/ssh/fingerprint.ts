import { createHash } from "node:crypto";

/**
 * Fingerprint of an OpenSSH public key line as `ssh-keygen -l` prints it, such as `SHA256:6ulx…` (RFC 4253 §6.6 blob, SHA-256,
 * base64 without padding).
 */
export function fingerprint(publicKey: string): string {
  const blob = publicKey.split(" ")[1];
  if (blob === undefined) throw new Error("a public key line needs a type and a base64 blob");
  const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
