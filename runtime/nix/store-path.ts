import { createHash } from "node:crypto";

const alphabet = "0123456789abcdfghijklmnpqrsvwxyz";
const digestBytes = 20;

/** Nix's own base-32: digits from the end, without e, o, t, u (`nix-hash --to-base32`). @internal */
export function nixBase32(bytes: Uint8Array): string {
  const digits = Math.ceil((bytes.length * 8) / 5);
  let result = "";
  for (let digit = digits - 1; digit >= 0; digit--) {
    const bit = digit * 5;
    const byte = Math.floor(bit / 8);
    const window = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8);
    result += alphabet[(window >> (bit % 8)) & 31];
  }
  return result;
}

/**
 * Store path of a source tree: it follows from the content alone (Nix manual, "Complete Store Path Calculation", type `source`).
 * @param narSha256 SHA-256 of the tree's archive
 */
export function sourceStorePath(narSha256: Uint8Array): string {
  const hex = Buffer.from(narSha256).toString("hex");
  const digest = createHash("sha256").update(`source:sha256:${hex}:/nix/store:source`).digest();
  const folded = Buffer.alloc(digestBytes);
  for (const [index, byte] of digest.entries()) {
    const at = index % digestBytes;
    folded.writeUInt8(folded.readUInt8(at) ^ byte, at);
  }
  return `/nix/store/${nixBase32(folded)}-source`;
}

/** `sha256-…` as lock files have it (W3C Subresource Integrity). */
export function integrity(sha256: Uint8Array): string {
  return `sha256-${Buffer.from(sha256).toString("base64")}`;
}
