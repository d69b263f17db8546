import { execa } from "execa";
import { sshEnvironment } from "./environment.ts";
import { freshOptions, type SessionFiles } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** The process that holds the shared connection. */
export interface Master {
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Outcome of one attempt: a connection, or what ssh said (debug lines included). */
export type MasterAttempt =
  | { readonly ok: true; readonly master: Master }
  | { readonly ok: false; readonly stderr: string };

const ready = "fleet-ready";
const closeGraceMs = 2000;

/**
 * Tries once to open a shared connection. The remote command reads the pipe from us: when our process ends, even by SIGKILL,
 * the pipe closes and the connection ends with it.
 */
export async function openMaster(
  target: SshTarget,
  files: SessionFiles,
  destination: string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<MasterAttempt> {
  const args = [
    "-o",
    "ControlMaster=yes",
    "-o",
    `ControlPath=${files.controlSocket}`,
    "-o",
    "LogLevel=DEBUG1",
  ];
  const command = `echo ${ready} && exec cat >/dev/null`;
  const child = execa("ssh", [...args, ...freshOptions(target, files), "-T", destination, command], {
    env: sshEnvironment(),
    extendEnv: false,
    stdin: "pipe",
    detached: true,
    reject: false,
    buffer: { stdout: false, stderr: true },
    encoding: "utf8",
    maxBuffer: 1_000_000,
  });
  child.stdin?.on("error", () => {}); // The pipe breaks when the connection does; `child` tells why.
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, timeoutSeconds * 1000);
  signal?.addEventListener("abort", kill, { once: true });
  try {
    const answered = await firstOf(child.stdout, child);
    if (!answered) {
      const result = await child;
      return {
        ok: false,
        stderr: `${result.stderr ?? ""}\n${result.exitCode === undefined ? (result.originalMessage ?? "") : ""}`,
      };
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  }
  return {
    ok: true,
    master: {
      async close() {
        const last = setTimeout(kill, closeGraceMs);
        child.stdin?.end();
        await child;
        clearTimeout(last);
      },
    },
  };
}

/** True when the ready line arrives, false when the process ends before. */
function firstOf(output: NodeJS.ReadableStream | null, ended: PromiseLike<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    let seen = "";
    output?.on("data", (chunk: Buffer) => {
      seen = (seen + chunk.toString("utf8")).slice(-4096);
      if (seen.includes(ready)) resolve(true);
    });
    ended.then(
      () => resolve(false),
      () => resolve(false),
    );
  });
}
