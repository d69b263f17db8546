import { PassThrough } from "node:stream";
import { deadlineIn } from "../../platform/deadline.ts";
import type { Limits } from "../../platform/limits.ts";
import { anySignal } from "../../platform/limits.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/target.ts";
import { type RemoteStore, remoteNixError, storeOnMachine } from "../remote-nix.ts";

/** Paths of one stream: 200 KB of names, far below what a command line can hold. */
const pathsPerStream = 2000;
const step = "copy";

/**
 * Copies store paths with all they refer to from one machine to another, as a stream through this one, which needs neither Nix nor room
 * for them. What the destination has, or can fetch from its own binary caches, is not sent.
 *
 * Signatures are not asked for: both connections are verified, and a user who may deploy may run anything.
 * @throws StepError step "copy", naming the machine that failed
 */
export async function streamClosure(
  paths: readonly string[],
  from: SshSession,
  to: RemoteStore,
  limits: Limits,
): Promise<void> {
  const deadline = deadlineIn(limits.timeoutSeconds);
  const left = (): Limits => ({ ...limits, timeoutSeconds: deadline.left() });
  const closure = await requisites(paths, from, left());
  const missing = await missingPaths(closure, to, left());
  for (let start = 0; start < missing.length; start += pathsPerStream)
    await streamPaths(missing.slice(start, start + pathsPerStream), from, to, left());
}

/** All that paths refer to, each path after those it refers to itself (nix-store(1), `--query --requisites`). */
async function requisites(paths: readonly string[], from: SshSession, limits: Limits): Promise<string[]> {
  const result = await from.run(["nix-store", "--query", "--requisites", ...paths], {
    ...limits,
    quiet: true,
  });
  if (!result.ok) throw remoteNixError({ session: from }, step, result, limits);
  return result.stdout.split("\n").filter((line) => line !== "");
}

async function missingPaths(closure: readonly string[], to: RemoteStore, limits: Limits): Promise<string[]> {
  const result = await to.session.script("nix/missing-paths", [storeOnMachine(to), "yes"], {
    ...limits,
    input: `${closure.join("\n")}\n`,
    elevate: true,
    quiet: true,
  });
  const lines = result.stdout.trimEnd().split("\n");
  if (!result.ok || lines.pop() !== "end missing-paths") throw remoteNixError(to, step, result, limits);
  return lines.map((line) => line.replace(/^missing /, ""));
}

async function streamPaths(
  paths: readonly string[],
  from: SshSession,
  to: RemoteStore,
  limits: Limits,
): Promise<void> {
  const stream = new PassThrough();
  // Whichever side ends badly, the other one must not wait for it.
  const other = new AbortController();
  const signal = anySignal(limits.signal, other.signal);
  const watched = async (work: Promise<RunResult>): Promise<RunResult> => {
    const result = await work;
    if (!result.ok) {
      other.abort();
      stream.destroy();
    }
    return result;
  };
  stream.on("error", () => {}); // A broken pipe: the processes at its ends say why.
  const [sent, received] = await Promise.all([
    watched(
      from.script("nix/export-paths", [], {
        ...limits,
        signal,
        input: `${paths.join("\n")}\n`,
        output: stream,
      }),
    ),
    watched(
      to.session.run(["nix-store", "--store", storeOnMachine(to), "--import"], {
        ...limits,
        signal,
        input: stream,
        elevate: true,
        quiet: true,
      }),
    ),
  ]);
  // The one that was only cancelled because of the other explains nothing.
  if (!received.ok && !(received.cancelled && !sent.ok)) throw remoteNixError(to, step, received, limits);
  if (!sent.ok) throw remoteNixError({ session: from }, step, sent, limits);
  if (limits.signal?.aborted === true)
    throw new StepError({ host: to.session.target.host, step, seen: "cancelled", next: "Run it again." });
}
