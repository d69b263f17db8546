import { readFile } from "node:fs/promises";
import { execa } from "execa";
import type { WorkContext } from "../../platform/limits.ts";
import { remoteScriptPath } from "../../platform/package-root.ts";
import { StepError } from "../../platform/step-error.ts";
import { sshEnvironment } from "../../ssh/environment.ts";
import type { SshSession } from "../../ssh/session.ts";
import { type LineReader, readLinesFrom } from "./line-reader.ts";
import { describeLockOwner, type LockOwner, parseLockOwner } from "./owner.ts";

/** Folder on the target for everything that need not survive a boot. */
export const runFolder = "/run/fleet";

/** The deployment lock of one host, held until `release` or until this process or its connection ends. */
export interface HostLock extends AsyncDisposable {
  /** What `inspect-host.sh` has printed right after the lock was taken; it may be cut. Empty where it was not asked for. */
  readonly look: string;
  /**
   * Runs `prepare-attempt.sh`, for a lock that was taken with `look`.
   * @param input its standard input
   * @returns undefined, or why it failed
   */
  prepare(args: readonly string[], input: Buffer): Promise<string | undefined>;
  /**
   * Starts a supervisor that inherits the lock.
   * @returns "unanswered": it may run, but no word of it came through; what it does may have cut the connection
   * @throws StepError step "start of the supervisor": the host says that it does not run
   */
  start(attemptFolder: string): Promise<"started" | "unanswered">;
  /** Frees the lock; a running supervisor keeps it until it is done. */
  release(): Promise<void>;
}

/** How a lock is taken. */
export interface HostLockOptions extends WorkContext {
  readonly owner: LockOwner;
  /** Seconds to wait for another holder. */
  readonly waitSeconds: number;
  /** Folder of the records on the target: inspect the host as soon as the lock is taken, and be ready to prepare an attempt. */
  readonly look?: { readonly records: string };
  /** Called when another one holds it, and we are about to wait. */
  readonly onBusy?: () => void;
}

/** The target counts us as gone after this many seconds without a sign of life, and frees the lock. */
const silenceSeconds = 30;
const signOfLifeMs = 8000;
/** Beyond the wait itself: one command's way there and back, also over a bad line. */
const answerSeconds = 20;
const endGraceMs = 3000;

/**
 * Takes the kernel lock (flock(2)) of a host. A remote process holds it: no crash of ours, of the connection or of the host can
 * leave it behind.
 * @throws StepError step "lock": who holds it, or why it could not be taken.
 */
export async function acquireHostLock(session: SshSession, options: HostLockOptions): Promise<HostLock> {
  const holder = await startHolder(session, options);
  let look = "";
  try {
    await awaitLock(session.target.host, holder, options);
    if (options.look !== undefined) look = await readLook(holder.answers);
  } catch (error) {
    await holder.end();
    throw error;
  }
  return {
    look,
    release: holder.end,
    [Symbol.asyncDispose]: holder.end,
    async prepare(args, input) {
      holder.say(["prepare", input.length, ...args].join(" "), input);
      const answer = await holder.answers.nextOf(/^(prepared$|not-prepared )/, answerSeconds);
      if (answer === "prepared") return undefined;
      const why = answer?.replace(/^not-prepared /, "").trim();
      return why ?? `no answer within ${answerSeconds} s, or the connection has ended`;
    },
    async start(attemptFolder) {
      holder.say(`start ${attemptFolder}`);
      const answer = await holder.answers.nextOf(/^(not-)?started$/, answerSeconds);
      if (answer === "started") return answer;
      if (answer === undefined) return "unanswered";
      throw supervisorDoesNotRun(session.target.host, attemptFolder, `the host answered "${answer}"`);
    },
  };
}

/** All that `inspect-host.sh` prints, or as much of it as came. */
async function readLook(answers: LineReader): Promise<string> {
  const lines: string[] = [];
  while (lines.at(-1) !== "end inspect-host") {
    const line = await answers.next(answerSeconds);
    if (line === undefined) break;
    lines.push(line);
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** A supervisor that was to start and has not. */
export function supervisorDoesNotRun(host: string, attemptFolder: string, seen: string): StepError {
  return new StepError({
    host,
    step: "start of the supervisor",
    seen,
    next: `check ${attemptFolder}/log on the host, then run it again`,
  });
}

interface Holder {
  /** @param bytes come right behind the line */
  say(line: string, bytes?: Buffer): void;
  readonly answers: LineReader;
  /** Why it stopped talking. */
  lastWords(): Promise<string>;
  end(): Promise<void>;
}

async function startHolder(session: SshSession, options: HostLockOptions): Promise<Holder> {
  const program = (name: string) => readFile(remoteScriptPath(name), "utf8");
  const wait = String(Math.ceil(options.waitSeconds));
  const argv = [
    "bash",
    "-c",
    await program("host/hold-lock"),
    "fleet-hold-lock",
    runFolder,
    wait,
    String(silenceSeconds),
  ];
  if (options.look !== undefined)
    argv.push(
      await program("host/inspect-host"),
      await program("deploy/prepare-attempt"),
      options.look.records,
    );
  const { command, ahead } = await session.asRoot(argv);
  const args = [...session.options, "-o", "LogLevel=ERROR", "-T", session.destination, command];
  const child = execa("ssh", args, {
    env: sshEnvironment(),
    extendEnv: false,
    stdin: "pipe",
    stdout: "pipe",
    detached: true,
    reject: false,
    encoding: "utf8",
    buffer: { stdout: false, stderr: true },
  });
  child.stdin.on("error", () => {}); // The pipe breaks when the connection does; the next answer shows it.
  const say = (line: string, bytes = Buffer.alloc(0)) => {
    child.stdin.write(Buffer.concat([Buffer.from(`${line}\n`), bytes]));
  };
  const kill = () => {
    child.kill("SIGKILL");
    // The master of the shared connection holds them open, for as long as it takes a dead connection for a living one.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const life = setInterval(() => say("alive"), signOfLifeMs);
  options.signal?.addEventListener("abort", kill, { once: true });
  if (options.signal?.aborted === true) kill();
  child.stdin.write(ahead);
  say(JSON.stringify(options.owner));
  return {
    say,
    answers: readLinesFrom(child.stdout, child),
    async lastWords() {
      const silence = new Promise<string>((resolve) => {
        setTimeout(() => resolve("the host does not answer"), endGraceMs);
      });
      const ended = child.then((result) => result.stderr?.trim() || "the connection ended");
      return Promise.race([ended, silence]);
    },
    async end() {
      clearInterval(life);
      options.signal?.removeEventListener("abort", kill);
      child.stdin.end();
      const last = setTimeout(kill, endGraceMs);
      await child;
      clearTimeout(last);
    },
  };
}

async function awaitLock(
  host: string,
  holder: Holder,
  { waitSeconds, reporter, onBusy }: HostLockOptions,
): Promise<void> {
  let answer = await holder.answers.next(answerSeconds);
  const busy = ownerIn(answer, "busy ");
  if (busy !== undefined) {
    reporter.progress(`waiting for the lock, held by ${busy}`);
    onBusy?.();
    answer = await holder.answers.next(waitSeconds + answerSeconds);
  }
  if (answer === "locked") return;
  const refused = ownerIn(answer, "refused ");
  if (refused !== undefined)
    throw new StepError({
      host,
      step: "lock",
      seen: `still held by ${refused} after ${waitSeconds} s`,
      next: "wait until that deployment has ended, then run it again; the lock frees itself when its holder ends",
    });
  throw new StepError({
    host,
    step: "lock",
    seen: answer ?? (await holder.lastWords()),
    next: "check that bash and flock work on the host",
  });
}

function ownerIn(answer: string | undefined, prefix: string): string | undefined {
  if (answer?.startsWith(prefix) !== true) return undefined;
  return describeLockOwner(parseLockOwner(answer.slice(prefix.length)));
}
