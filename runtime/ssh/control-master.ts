import { execa } from "execa";
import { shownFingerprint } from "./diagnose-stderr.ts";
import { sshEnvironment } from "./environment.ts";
import { hopsOf } from "./jump-hops.ts";
import { type SessionFiles, verboseOptions } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** The process that holds the shared connection. */
export interface ControlMaster {
  /** Fingerprint of the host key that was shown and accepted. */
  readonly shownFingerprint: string;
  /** Settles when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Outcome of one attempt: a connection, or what ssh said (debug lines included). */
export type MasterAttempt =
  | { readonly ok: true; readonly master: ControlMaster }
  | { readonly ok: false; readonly stderr: string };

const ready = "fleet-ready";
const closeGraceMs = 2000;

/**
 * Tries once to open a shared connection. The remote command reads the pipe from us: when our process ends, even by SIGKILL,
 * the pipe closes and the connection ends with it.
 */
export async function openControlMaster(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<MasterAttempt> {
  const args = ["-o", "ControlMaster=yes", "-o", `ControlPath=${files.controlSocket}`];
  const command = `echo ${ready} && exec cat >/dev/null`;
  const child = execa("ssh", [...args, ...verboseOptions(target, files), "-T", destination, command], {
    env: sshEnvironment(),
    extendEnv: false,
    stdin: "pipe",
    detached: true,
    killDescendants: true,
    reject: false,
    // ssh talks as long as it runs: a buffer would grow without end.
    buffer: false,
  });
  child.stdin.on("error", () => {}); // The pipe breaks when the connection does; `child` reports why.
  // With the processes it started for the machines in between.
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, timeoutSeconds * 1000);
  signal?.addEventListener("abort", kill, { once: true });
  let answer: Answer;
  try {
    answer = await firstAnswer(child, hopsOf(target).length);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
  if (answer.fingerprint === undefined) {
    const { exitCode, originalMessage } = await child;
    return {
      ok: false,
      stderr: `${answer.stderr}\n${exitCode === undefined ? (originalMessage ?? "") : ""}`,
    };
  }
  return {
    ok: true,
    master: {
      shownFingerprint: answer.fingerprint,
      ended: child.then(() => undefined),
      async close() {
        const last = setTimeout(kill, closeGraceMs);
        child.stdin.end();
        await child;
        clearTimeout(last);
      },
    },
  };
}

/** What ssh said, and the fingerprint shown once the connection works. */
interface Answer {
  readonly stderr: string;
  readonly fingerprint: string | undefined;
}

const longestSpeech = 100_000;

/** Waits for the ready line together with the host key's fingerprint, or for the end of the process. */
function firstAnswer(
  child: PromiseLike<unknown> & {
    readonly stdout: NodeJS.ReadableStream;
    readonly stderr: NodeJS.ReadableStream;
  },
  hops: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    const look = () => {
      const fingerprint = shownFingerprint(stderr, hops);
      if (stdout.includes(ready) && fingerprint !== undefined) resolve({ stderr, fingerprint });
    };
    child.stdout.on("data", (chunk: Buffer) => {
      stdout = (stdout + chunk.toString("utf8")).slice(-4096);
      look();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < longestSpeech) stderr += chunk.toString("utf8");
      look();
    });
    const end = () => resolve({ stderr, fingerprint: undefined });
    child.then(end, end);
  });
}
