import { readFile } from "node:fs/promises";
import pRetry from "p-retry";
import { quote } from "shell-quote";
import { remoteScriptPath } from "../package-root.ts";
import { type RunResult, run } from "../process/run.ts";
import type { Reporter } from "../progress/reporter.ts";
import { StepError } from "../step-error.ts";
import { type ConnectionFault, diagnose } from "./diagnosis.ts";
import { sshEnvironment } from "./environment.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Master, openMaster } from "./master.ts";
import {
  connectTimeoutSeconds,
  freshOptions,
  hostAlias,
  type SessionFiles,
  sharedOptions,
} from "./options.ts";
import { createPrivateFolder, type PrivateFolder } from "./private-folder.ts";
import { writeSessionFiles } from "./session-files.ts";
import type { RemoteRunOptions, SshSession, SshTarget } from "./target.ts";

export type { RemoteRunOptions, SshSession, SshTarget } from "./target.ts";

/** How long and how loudly a session is opened. */
export interface OpenSessionOptions {
  /** Seconds until an unreachable machine is given up. */
  readonly deadlineSeconds: number;
  readonly signal?: AbortSignal;
  readonly reporter?: Reporter;
}

/** A machine that has just booted may accept connections shortly before its authorized keys are in place. */
const userKeyGraceSeconds = 10;
const pauseMs = 1000;
const noticeEverySeconds = 30;

/**
 * Opens a verified connection and keeps it shared for all later commands.
 *
 * Waits for an unreachable machine until the deadline. Another host key ends it at once, a refused user key after a short
 * grace.
 * @throws StepError step "contact": names both fingerprints, the refused user, or why the machine cannot be reached.
 */
export async function openSession(target: SshTarget, options: OpenSessionOptions): Promise<SshSession> {
  if (target.hostKeys.length === 0)
    throw contactError(target, "no host key is pinned for this host", "pin the key the machine shows");
  const folder = await createPrivateFolder();
  const destination = `${target.connection.user}@${hostAlias(target.host)}`;
  try {
    const files = await writeSessionFiles(target, folder.path);
    const master = await connect(target, files, destination, options);
    return createSession(target, { folder, files }, destination, master);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** One failed attempt; carried through the retries. */
class AttemptError extends Error {
  readonly fault: ConnectionFault;

  constructor(fault: ConnectionFault) {
    super(fault.seen);
    this.fault = fault;
  }
}

async function connect(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  { deadlineSeconds, signal, reporter }: OpenSessionOptions,
): Promise<Master> {
  const started = Date.now();
  const elapsed = () => (Date.now() - started) / 1000;
  let noticed = 0;
  const attempt = async () => {
    const left = Math.max(1, deadlineSeconds - elapsed());
    const timeout = Math.min(left, 2 * connectTimeoutSeconds);
    const result = await openMaster(target, files, destination, timeout, signal);
    if (result.ok) return result.master;
    throw new AttemptError(diagnose(result.stderr));
  };
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: pauseMs,
      maxTimeout: pauseMs,
      factor: 1,
      ...(signal === undefined ? {} : { signal }),
      onFailedAttempt: ({ error }) => {
        reporter?.detail(`contact: ${error.message}`);
        if (elapsed() - noticed < noticeEverySeconds) return;
        noticed = elapsed();
        reporter?.progress(`waiting for SSH: ${error.message}`);
      },
      shouldRetry: ({ error }) =>
        error instanceof AttemptError &&
        mayPass(error.fault, elapsed()) &&
        elapsed() + pauseMs / 1000 < deadlineSeconds,
    });
  } catch (error) {
    if (error instanceof AttemptError) throw describeFault(target, error.fault, elapsed());
    if (signal?.aborted === true) throw contactError(target, "cancelled", "run it again");
    throw error;
  }
}

function mayPass(fault: ConnectionFault, elapsedSeconds: number): boolean {
  if (fault.kind === "user-key") return elapsedSeconds < userKeyGraceSeconds;
  return fault.kind === "unreachable";
}

function describeFault(target: SshTarget, fault: ConnectionFault, elapsedSeconds: number): StepError {
  const { address, port, user } = target.connection;
  const where = `${address} port ${port}`;
  switch (fault.kind) {
    case "host-key": {
      const pinned = target.hostKeys.map(fingerprint).join(" or ");
      return contactError(
        target,
        `${where} shows another host key: pinned is ${pinned}, shown was ${fault.seen}; nothing was sent`,
        "find out which machine answers at this address before you change the pinned key: it may be an attacker's",
      );
    }
    case "user-key":
      return contactError(
        target,
        `${where} refuses our key for user "${user}" (${fault.seen})`,
        `put the stack's deploy key into the authorized keys of "${user}" on that machine`,
      );
    case "key-file":
      return contactError(
        target,
        fault.seen,
        "give the OpenSSH private key of the deploy key, without passphrase",
      );
    case "no-ssh":
      return contactError(target, "there is no ssh program here", "install the OpenSSH client");
    case "unreachable":
      return contactError(
        target,
        `${where} could not be reached within ${Math.round(elapsedSeconds)} s (${fault.seen})`,
        "check that the machine runs, its address and the firewall, then run it again",
      );
  }
}

function contactError(target: SshTarget, seen: string, next: string): StepError {
  return new StepError({ host: target.host, step: "contact", seen, next });
}

function createSession(
  target: SshTarget,
  { folder, files }: { folder: PrivateFolder; files: SessionFiles },
  destination: string,
  master: Master,
): SshSession {
  const options = sharedOptions(target, files);
  let closing: Promise<void> | undefined;
  const runQuoted = (command: string, { elevate: _, ...rest }: RemoteRunOptions): Promise<RunResult> =>
    run("ssh", [...options, "-o", "LogLevel=ERROR", "-T", destination, command], {
      env: sshEnvironment(),
      ...rest,
    });
  const session: SshSession = {
    target,
    destination,
    shownFingerprint: master.shownFingerprint,
    identityFile: files.identity,
    options,
    fresh: freshOptions(target, files),
    run: (argv, remote) => {
      const elevated = remote.elevate === true && target.connection.user !== "root";
      return runQuoted(quote(elevated ? ["sudo", "-n", "--", ...argv] : [...argv]), remote);
    },
    script: async (name, args, remote) => {
      const text = await readFile(remoteScriptPath(name), "utf8");
      return session.run(["sh", "-c", text, `fleet-${name}`, ...args], remote);
    },
    close() {
      closing ??= master.close().finally(() => folder.remove());
      return closing;
    },
  };
  return session;
}
