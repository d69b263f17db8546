/** Magic of an unencrypted or encrypted OpenSSH private key file (OpenSSH, PROTOCOL.key). */
const magic = "openssh-key-v1\0";

/**
 * The public half of an OpenSSH private key, as a line for `authorized_keys` without comment; undefined for any other text. It
 * is in clear text at the head of the file: magic, three strings (cipher, KDF and its options), the number of keys, and the
 * public key as a string (OpenSSH, PROTOCOL.key; RFC 4251 section 5 for strings).
 */
export function publicKeyOf(privateKey: string): string | undefined {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(privateKey.trim())?.[1];
  const bytes = Buffer.from(body ?? "", "base64");
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) return undefined;
  let at = magic.length;
  const next = (from: number): Buffer | undefined => {
    if (from + 4 > bytes.length) return undefined;
    const end = from + 4 + bytes.readUInt32BE(from);
    return end > bytes.length ? undefined : bytes.subarray(from + 4, end);
  };
  for (const _ of ["cipher", "kdf", "kdf options"]) {
    const skipped = next(at);
    if (skipped === undefined) return undefined;
    at += 4 + skipped.length;
  }
  const countBytes = 4;
  const blob = next(at + countBytes);
  if (blob === undefined || blob.length < 4) return undefined;
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");
  return `${type} ${blob.toString("base64")}`;
}
