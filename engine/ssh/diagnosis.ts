/** Why a connection did not come about. */
export type ConnectionFault =
  | { readonly kind: "host-key"; readonly seen: string }
  | { readonly kind: "user-key"; readonly seen: string }
  | { readonly kind: "key-file"; readonly seen: string }
  | { readonly kind: "no-ssh"; readonly seen: string }
  | { readonly kind: "unreachable"; readonly seen: string };

/**
 * Reads what OpenSSH said (standard error at `LogLevel=DEBUG1`). `seen` is the fingerprint the machine showed for `host-key`,
 * and the decisive line otherwise.
 */
export function diagnose(stderr: string): ConnectionFault {
  const lines = stderr.split(/\r?\n/);
  const said = (pattern: RegExp) => lines.find((line) => pattern.test(line))?.trim();
  const hostKey = said(/Host key verification failed|no matching host key type found/);
  if (hostKey !== undefined) return { kind: "host-key", seen: shownFingerprint(stderr) ?? hostKey };
  const keyFile = said(/^Load key .*(invalid format|error in libcrypto|incorrect passphrase)/);
  if (keyFile !== undefined)
    return { kind: "key-file", seen: keyFile.replace(/^Load key "[^"]*": /, "private key: ") };
  const userKey = said(/Permission denied|Too many authentication failures/);
  if (userKey !== undefined) return { kind: "user-key", seen: userKey };
  const missing = said(/spawn ssh ENOENT/);
  if (missing !== undefined) return { kind: "no-ssh", seen: missing };
  const last = lines.filter((line) => line.trim() !== "" && !/^debug\d|^OpenSSH_/.test(line)).at(-1);
  return { kind: "unreachable", seen: last?.trim() ?? "no answer" };
}

/** Fingerprint of the host key a machine showed, from ssh's debug output (`LogLevel=DEBUG1`). */
export function shownFingerprint(stderr: string): string | undefined {
  return stderr
    .split(/\r?\n/)
    .map((line) => /^debug1: Server host key: \S+ (SHA256:\S+)/.exec(line)?.[1])
    .findLast((shown) => shown !== undefined);
}
