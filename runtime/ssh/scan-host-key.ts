import { readFile } from "node:fs/promises";
import path from "node:path";
import pRetry, { AbortError } from "p-retry";
import type { JumpHop } from "../../model/protocol/connection.ts";
import { deadlineIn } from "../platform/deadline.ts";
import type { Limits } from "../platform/limits.ts";
import { run } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import { describeConnectionFailure } from "./connection-error.ts";
import { diagnose } from "./diagnose-stderr.ts";
import { sshEnvironment } from "./environment.ts";
import { hostAlias } from "./host-alias.ts";
import { scanOptions } from "./options.ts";
import { createPrivateFolder } from "./private-folder.ts";
import { writeSessionFiles } from "./session-files.ts";
import type { SshTarget } from "./target.ts";

/** Where a machine answers. */
export interface ScanTarget {
  /** Fleet name, for messages. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Machines in between, whose keys are pinned, and the deploy key that logs in there; absent: it is reached directly. */
  readonly through?: { readonly jump: readonly JumpHop[]; readonly privateKey: string };
}

const attemptSeconds = 10;
const pauseMs = 1000;

/**
 * Asks a machine for its ssh-ed25519 host key, as `type base64`, without any proof of whose it is. Waits for an unreachable
 * machine until the deadline.
 * @throws StepError step "host key scan"; `ConnectionError` for a machine in between that shows another key or refuses us
 */
export async function scanHostKey(target: ScanTarget, options: Limits): Promise<string> {
  const { host, address, port } = target;
  const deadline = deadlineIn(options.timeoutSeconds);
  const { signal } = options;
  const attempt = () =>
    target.through === undefined ? scanDirectly(target, options) : scanThrough(target, options);
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: pauseMs,
      maxTimeout: pauseMs,
      factor: 1,
      signal,
      shouldRetry: () => deadline.remaining() > pauseMs / 1000,
    });
  } catch (error) {
    if (error instanceof StepError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StepError(
      {
        host,
        step: "host key scan",
        seen: `${address} port ${port} showed no ssh-ed25519 host key within ${options.timeoutSeconds} s (${why})`,
        next: "check that the machine runs, its address and its firewall; a machine with another kind of key is pinned by hostKey",
      },
      { cause: error },
    );
  }
}

async function scanDirectly({ address, port }: ScanTarget, { signal }: Limits): Promise<string> {
  const args = ["-T", String(attemptSeconds), "-t", "ed25519", "-p", String(port), "--", address];
  const result = await run("ssh-keyscan", args, { timeoutSeconds: 2 * attemptSeconds, signal });
  const key = parseScan(result.stdout);
  if (key !== undefined) return key;
  throw new Error(lastLine(result.stderr) ?? "no ssh-ed25519 host key was shown");
}

/** ssh-keyscan knows no machines in between: ssh itself goes there, notes the key that is shown, and tries no login. */
async function scanThrough(target: ScanTarget, { timeoutSeconds, signal }: Limits): Promise<string> {
  const { host, address, port, through } = target;
  if (through === undefined) throw new Error("nothing is in between");
  const wanted: SshTarget = {
    host,
    connection: { address, port, user: "nobody", privateKey: through.privateKey, jump: [...through.jump] },
    hostKeys: [],
  };
  await using folder = await createPrivateFolder();
  const files = await writeSessionFiles(wanted, folder.path);
  const shown = path.join(folder.path, "shown");
  const result = await run("ssh", [...scanOptions(wanted, files, shown), "-T", hostAlias(host), "true"], {
    env: sshEnvironment(),
    timeoutSeconds: 2 * attemptSeconds,
    signal,
  });
  const key = parseScan(await readFile(shown, "utf8").catch(() => ""));
  if (key !== undefined) return key;
  const failure = diagnose(result.stderr, through.jump.length);
  // A machine in between that is not the one we know will not become it.
  if (failure.kind !== "unreachable" && failure.hop !== undefined)
    throw new AbortError(describeConnectionFailure(wanted, failure, timeoutSeconds));
  throw new Error(
    failure.hop === undefined
      ? failure.seen
      : describeConnectionFailure(wanted, failure, timeoutSeconds).failure.seen,
  );
}

/** The key in ssh-keyscan's output, whose lines are `host type base64`; undefined when there is none. @internal */
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
