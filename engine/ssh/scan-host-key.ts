import pRetry from "p-retry";
import { run } from "../process/run.ts";
import { StepError } from "../step-error.ts";

/** Where a machine answers. */
export interface ScanTarget {
  /** Fleet name, for messages. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

const attemptSeconds = 10;
const pauseMs = 1000;

/**
 * Asks a machine for its ssh-ed25519 host key, as `type base64`, without any proof of whose it is. Waits for an unreachable
 * machine until the deadline.
 * @throws StepError step "first contact"
 */
export async function scanHostKey(
  target: ScanTarget,
  options: { readonly deadlineSeconds: number; readonly signal?: AbortSignal },
): Promise<string> {
  const { host, address, port } = target;
  const end = Date.now() + options.deadlineSeconds * 1000;
  const attempt = async (): Promise<string> => {
    const args = ["-T", String(attemptSeconds), "-t", "ed25519", "-p", String(port), "--", address];
    const result = await run("ssh-keyscan", args, {
      timeoutSeconds: 2 * attemptSeconds,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const key = parseScan(result.stdout);
    if (key !== undefined) return key;
    throw new Error(lastLine(result.stderr) ?? "no ssh-ed25519 host key was shown");
  };
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: pauseMs,
      maxTimeout: pauseMs,
      factor: 1,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      shouldRetry: () => Date.now() + pauseMs < end,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StepError(
      {
        host,
        step: "first contact",
        seen: `${address} port ${port} showed no ssh-ed25519 host key within ${options.deadlineSeconds} s (${why})`,
        next: "check that the machine runs, its address and its firewall; a machine with another kind of key is pinned by hostKey",
      },
      { cause: error },
    );
  }
}

/** The key in ssh-keyscan's output, whose lines are `host type base64`; undefined when there is none. */
export function parseScan(output: string): string | undefined {
  return output
    .split(/\r?\n/)
    .map((line) => /^[^#\s]\S* (ssh-ed25519 [A-Za-z0-9+/=]+)\s*$/.exec(line)?.[1])
    .find((key) => key !== undefined);
}

function lastLine(text: string): string | undefined {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .at(-1);
}
