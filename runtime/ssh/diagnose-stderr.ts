/** Why a connection did not come about. */
export interface ConnectionFailure {
  readonly kind: "host-key" | "user-key" | "key-file" | "no-ssh" | "unreachable" | "no-forwarding";
  /** The fingerprint that was shown for `host-key`, and the decisive line otherwise. */
  readonly seen: string;
  /** Which jump host it is about (from 0); absent: the target itself. */
  readonly hop?: number;
}

/**
 * Reads what OpenSSH said (standard error at `LogLevel=DEBUG1`, on every machine of the jump path). A machine is reached only once the one
 * before it has let us through, so the number of host keys shown is how far we came.
 * @param hops number of machines in between
 */
export function diagnose(stderr: string, hops = 0): ConnectionFailure {
  const lines = stderr.split(/\r?\n/);
  const said = (pattern: RegExp) => lines.find((line) => pattern.test(line))?.trim();
  const met = shownFingerprints(stderr);
  const about = (index: number) => (hops > 0 && index < hops ? { hop: Math.max(0, index) } : {});
  const otherType = said(/no matching host key type found/);
  if (otherType !== undefined) return { kind: "host-key", seen: otherType, ...about(met.length) };
  const hostKey = said(/Host key verification failed/);
  if (hostKey !== undefined)
    return { kind: "host-key", seen: met.at(-1) ?? hostKey, ...about(met.length - 1) };
  const keyFile = said(/^Load key .*(invalid format|error in libcrypto|incorrect passphrase)/);
  if (keyFile !== undefined) {
    const seen = keyFile.replace(/^Load key "[^"]*": /, "private key: ");
    return { kind: "key-file", seen, ...about(met.length - 1) };
  }
  const userKey = said(/Permission denied|Too many authentication failures/);
  if (userKey !== undefined) return { kind: "user-key", seen: userKey, ...about(met.length - 1) };
  const missing = said(/spawn ssh ENOENT/);
  if (missing !== undefined) return { kind: "no-ssh", seen: missing };
  const prohibited = said(/open failed: administratively prohibited/);
  if (prohibited !== undefined)
    return { kind: "no-forwarding", seen: withoutChannel(prohibited), ...about(met.length - 1) };
  return { kind: "unreachable", seen: lastWords(lines) ?? "no answer", ...about(met.length) };
}

/** Fingerprint of the target's host key, from ssh's debug output (`LogLevel=DEBUG1`): the last machine to show one is the target. */
export function shownFingerprint(stderr: string, hops = 0): string | undefined {
  return shownFingerprints(stderr)[hops];
}

function shownFingerprints(stderr: string): string[] {
  return stderr
    .split(/\r?\n/)
    .flatMap((line) => /^debug1: Server host key: \S+ (SHA256:\S+)/.exec(line)?.[1] ?? []);
}

/** What follows from a connection that a machine in between could not make says nothing more. */
const consequences =
  /^(debug\d|OpenSSH_|Authenticated to |stdio forwarding failed|Killed by signal|kex_exchange_identification: Connection closed by remote host|Connection closed by UNKNOWN)/;

function lastWords(lines: readonly string[]): string | undefined {
  const telling = lines.filter((line) => line.trim() !== "" && !consequences.test(line));
  const refused = telling.find((line) => /^channel \d+: open failed: /.test(line));
  if (refused !== undefined) return withoutChannel(refused);
  const last =
    telling.at(-1) ?? lines.findLast((line) => line.trim() !== "" && !/^(debug\d|OpenSSH_)/.test(line));
  return last?.trim();
}

function withoutChannel(line: string): string {
  return line.replace(/^channel \d+: open failed: /, "").trim();
}
