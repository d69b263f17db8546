import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { quote } from "shell-quote";
import { type Elevation, type Endpoint, endpointsOf } from "../../model/protocol/connection.ts";
import { stopwatch } from "../platform/deadline.ts";
import type { Limits } from "../platform/limits.ts";
import { remoteProcessName, remoteScriptPath } from "../platform/package-root.ts";
import { type RunOptions, type RunResult, run } from "../platform/run-command.ts";
import { type ConnectResult, connectOnce, targetAt } from "./connect-once.ts";
import { ConnectionError, describeConnectionFailure } from "./connection-error.ts";
import type { ConnectionFailure } from "./diagnose-stderr.ts";
import { sshEnvironment } from "./environment.ts";
import { hostAlias } from "./host-alias.ts";
import { hopsOf } from "./jump-hops.ts";
import { newConnectionOptions, type SessionFiles, sharedOptions } from "./options.ts";
import { createPrivateFolder, type PrivateFolder } from "./private-folder.ts";
import { elevationOf, prependInput, type RootCommand, rootCommand } from "./privilege-command.ts";
import { rootCheckSeconds, rootError, wantsTerminal } from "./privilege-error.ts";
import { pinPresentedKey, writeSessionFiles } from "./session-files.ts";
import type { RemoteRunOptions, SshSession, SshTarget } from "./target.ts";
import { awaitPorts } from "./wait-for-port.ts";

export { ConnectionError } from "./connection-error.ts";
export type { RemoteRunOptions, SshSession, SshTarget } from "./target.ts";

/** A machine that has just booted may accept connections shortly before its authorized keys are in place. */
const userKeyGraceSeconds = 10;
const pauseMs = 200;
/** sshd(8) punishes who is refused often (PerSourcePenalties). */
const refusedPauseMs = 1000;
/** How long an unreachable machine's port is watched before ssh reports once more what is wrong. */
const watchSeconds = 10;
const noticeEverySeconds = 30;

/**
 * Opens a verified connection and keeps it shared for all later commands.
 *
 * Waits for an unreachable machine until the deadline. Another host key ends it at once, a refused user key after a short
 * grace.
 * @throws ConnectionError: names both fingerprints, the refused user, or why the machine cannot be reached.
 */
export async function openSession(target: SshTarget, options: Limits): Promise<SshSession> {
  if (target.hostKeys.length === 0)
    throw new ConnectionError(
      target,
      "host-key",
      "no host key is pinned for it",
      "pin the key the machine shows",
    );
  const folder = await createPrivateFolder();
  const destination = `${target.connection.user}@${hostAlias(target.host)}`;
  try {
    const files = await writeSessionFiles(target, folder.path);
    const entered = await connect(target, files, destination, options);
    await pinPresentedKey(target, files, entered.master.shownFingerprint);
    return createSession(target, { folder, files }, destination, entered);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

type Connected = Extract<ConnectResult, { ok: true }>;

/** One failed attempt; carried through the retries. */
class AttemptError extends Error {
  readonly failure: ConnectionFailure;

  constructor(failure: ConnectionFailure) {
    super(failure.seen);
    this.failure = failure;
  }
}

async function connect(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  { timeoutSeconds, signal, reporter }: Limits,
): Promise<Connected> {
  const elapsed = stopwatch();
  let noticed = 0;
  let said = "";
  const attempt = async () => {
    const leftSeconds = () => timeoutSeconds - elapsed();
    const entry = await connectOnce(target, files, destination, { leftSeconds, signal });
    if (entry.ok) return entry;
    throw new AttemptError(entry.failure);
  };
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: pauseMs,
      maxTimeout: pauseMs,
      factor: 1,
      signal,
      onFailedAttempt: async ({ error }) => {
        if (error.message !== said) reporter?.detail(`contact: ${error.message}`);
        said = error.message;
        if (elapsed() - noticed >= noticeEverySeconds) {
          noticed = elapsed();
          reporter?.progress(`waiting for SSH: ${error.message}`);
        }
        if (error instanceof AttemptError && mayPass(error.failure, elapsed()))
          await passTime(target, error.failure, timeoutSeconds - elapsed(), signal);
      },
      shouldRetry: ({ error }) =>
        error instanceof AttemptError &&
        mayPass(error.failure, elapsed()) &&
        elapsed() + pauseMs / 1000 < timeoutSeconds,
    });
  } catch (error) {
    if (signal?.aborted === true) throw new ConnectionError(target, "cancelled", "cancelled", "run it again");
    if (error instanceof AttemptError) throw describeConnectionFailure(target, error.failure, elapsed());
    throw error;
  }
}

/** Until another attempt makes sense, at most as long as is left. */
async function passTime(
  target: SshTarget,
  failure: ConnectionFailure,
  leftSeconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const seconds = Math.max(0, Math.min(watchSeconds, leftSeconds));
  const direct = failure.kind === "unreachable" && hopsOf(target).length === 0;
  if (direct) return await awaitPorts(endpointsOf(target.connection), seconds, signal);
  const pause = Math.min(seconds * 1000, refusedPauseMs - pauseMs);
  await sleep(pause, undefined, { signal });
}

function mayPass(failure: ConnectionFailure, elapsedSeconds: number): boolean {
  if (failure.kind === "user-key") return elapsedSeconds < userKeyGraceSeconds;
  return failure.kind === "unreachable";
}

function createSession(
  target: SshTarget,
  { folder, files }: { folder: PrivateFolder; files: SessionFiles },
  destination: string,
  { master, place }: Connected,
): SshSession {
  const options = sharedOptions(targetAt(target, place), files);
  const freshAt = (at: Endpoint) => newConnectionOptions(targetAt(target, at), files);
  let closing: Promise<void> | undefined;
  const runQuoted = (command: string, { elevate: _, ...rest }: RemoteRunOptions): Promise<RunResult> =>
    run("ssh", [...options, "-o", "LogLevel=ERROR", "-T", destination, command], {
      env: sshEnvironment(),
      ...rest,
    });
  const asRoot = createPrivilegeEscalation(target, runQuoted);
  const session: SshSession = {
    target,
    destination,
    shownFingerprint: master.shownFingerprint,
    identityFile: files.identity,
    options,
    controlSocket: files.controlSocket,
    fresh: freshAt(place),
    place,
    freshAt,
    asRoot,
    run: async (argv, remote) => {
      if (remote.elevate !== true) return runQuoted(quote([...argv]), remote);
      const { command, ahead } = await asRoot(argv);
      const input = prependInput(ahead, remote.input);
      return runQuoted(command, { ...remote, ...(input === undefined ? {} : { input }) });
    },
    script: async (name, args, remote) => {
      const text = await readFile(remoteScriptPath(name), "utf8");
      return session.run(["sh", "-c", text, remoteProcessName(name), ...args], remote);
    },
    isLost: (seconds) => {
      const intact = new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(false), seconds * 1000).unref();
      });
      return Promise.race([master.ended.then(() => true), intact]);
    },
    close() {
      closing ??= master.close().finally(() => folder.remove());
      return closing;
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
  return session;
}

/**
 * Gives the commands of one connection to root. The first of them finds out whether the user becomes root at all: a password that is
 * wrong is tried once and not with every command, and a refusal is distinguished from a command that fails.
 * @param run runs a command that is quoted for the target's shell
 */
function createPrivilegeEscalation(
  target: SshTarget,
  run: (command: string, options: RunOptions) => Promise<RunResult>,
): (argv: readonly string[]) => Promise<RootCommand> {
  const elevation = elevationOf(target.connection);
  const attempt = async (terminal: boolean): Promise<RunResult> => {
    const { command, ahead } = await rootCommand(target.connection, ["true"], terminal);
    return run(command, { input: ahead, timeoutSeconds: rootCheckSeconds });
  };
  const check = async (by: Elevation): Promise<{ readonly terminal: boolean } | undefined> => {
    for (const terminal of [false, true]) {
      const result = await attempt(terminal);
      if (result.ok) return { terminal };
      // The command itself will report what became of the connection.
      if (result.exitCode === connectionTrouble) return undefined;
      if (terminal || !wantsTerminal(result)) throw rootError(target, by, result);
    }
    return undefined;
  };
  let checked: ReturnType<typeof check> | undefined;
  return async (argv) => {
    if (elevation === null) return rootCommand(target.connection, argv);
    checked ??= check(elevation);
    const found = await checked;
    if (found === undefined) checked = undefined;
    return rootCommand(target.connection, argv, found?.terminal);
  };
}

/** ssh(1), EXIT STATUS. */
const connectionTrouble = 255;
