import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { deadlineIn } from "../../platform/deadline.ts";
import { anySignal, type HostLimits } from "../../platform/limits.ts";
import { type RunResult, run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/session.ts";

/** A store path and its size on disk, in bytes. */
export interface SizedPath {
  readonly path: string;
  readonly bytes: number;
}

const step = "copy to a machine without Nix";

/** All that a system in the local store refers to, itself included, with sizes (nix-store(1), `--query`). */
export async function localClosure(toplevel: string, limits: HostLimits): Promise<SizedPath[]> {
  const paths = lines(await nixStore(["--query", "--requisites", toplevel], limits));
  const sizes = lines(await nixStore(["--query", "--size", ...paths], limits)).map(Number);
  return paths.map((storePath, index) => {
    const bytes = sizes[index];
    if (bytes === undefined || !Number.isFinite(bytes))
      throw new Error(`Nix reports no size of ${storePath}`);
    return { path: storePath, bytes };
  });
}

/** A Nix database in which exactly the given paths are valid, and the version of its schema: the target needs no Nix to have one. */
export async function databaseOf(
  paths: readonly SizedPath[],
  limits: HostLimits,
): Promise<{ schema: string; database: Uint8Array }> {
  const folder = await mkdtemp(path.join(tmpdir(), "fleet-database-"));
  try {
    const registration = await nixStore(["--dump-db", ...paths.map((entry) => entry.path)], limits);
    // One file: a write-ahead log would be half of the database.
    const store = ["--store", `local?root=${folder}`, "--option", "use-sqlite-wal", "false"];
    // It reads whole lines.
    await nixStore([...store, "--load-db"], limits, `${registration.trimEnd()}\n`);
    const state = path.join(folder, "nix", "var", "nix", "db");
    return {
      schema: await readFile(path.join(state, "schema"), "utf8"),
      database: await readFile(path.join(state, "db.sqlite")),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What an interrupted copy has to repeat at most. */
const bytesPerStream = 256 * 1024 ** 2;

/** Groups paths, in their order, into streams of bounded size; a larger path has one of its own. @internal */
export function streamsOf(paths: readonly SizedPath[], limit = bytesPerStream): SizedPath[][] {
  const streams: SizedPath[][] = [];
  let room = 0;
  for (const entry of paths) {
    const last = streams.at(-1);
    if (last === undefined || entry.bytes > room) {
      streams.push([entry]);
      room = limit - entry.bytes;
    } else {
      last.push(entry);
      room -= entry.bytes;
    }
  }
  return streams;
}

const endMark = "fleet-end-of-stream";

/** Copies store paths to a machine without Nix, as tar archives over the session's connection. */
export async function copyPaths(
  paths: readonly SizedPath[],
  session: SshSession,
  limits: HostLimits,
): Promise<void> {
  const deadline = deadlineIn(limits.timeoutSeconds);
  for (const stream of streamsOf(paths))
    await sendStream(stream, session, { ...limits, timeoutSeconds: deadline.left() });
}

async function sendStream(
  paths: readonly SizedPath[],
  session: SshSession,
  limits: HostLimits,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "fleet-stream-"));
  try {
    const list = path.join(folder, "paths");
    await writeFile(list, paths.map((entry) => `${entry.path.slice(1)}\n`).join(""));
    await writeFile(path.join(folder, endMark), "");
    const owner = ["--owner=0", "--group=0", "--numeric-owner"];
    const members = ["-C", "/", "--verbatim-files-from", "--files-from", list, "-C", folder, endMark];
    const stream = new PassThrough();
    stream.on("error", () => {}); // A broken pipe: the processes at its ends say why.
    // Whichever side ends badly, the other one must not wait for it.
    const other = new AbortController();
    const signal = anySignal(limits.signal, other.signal);
    const watched = async (work: Promise<RunResult>) => {
      const result = await work;
      if (!result.ok) {
        other.abort();
        stream.destroy();
      }
      return result;
    };
    const { timeoutSeconds } = limits;
    const [sent, received] = await Promise.all([
      watched(
        run("tar", ["-c", "-f", "-", ...owner, ...members], { timeoutSeconds, signal, output: stream }),
      ),
      watched(
        session.script("infect/infect-receive", [endMark], {
          timeoutSeconds,
          signal,
          input: stream,
          elevate: true,
        }),
      ),
    ]);
    if (!received.ok && !(received.cancelled && !sent.ok)) throw copyError(limits, received, "the machine");
    if (!sent.ok) throw copyError(limits, sent, "tar on this machine");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Which of the paths the machine lacks. */
export async function pathsMissing(
  paths: readonly SizedPath[],
  session: SshSession,
  limits: HostLimits,
): Promise<SizedPath[]> {
  const { timeoutSeconds, signal } = limits;
  const input = paths.map((entry) => `${entry.path}\n`).join("");
  const result = await session.script("infect/infect-missing-paths", [], {
    timeoutSeconds,
    signal,
    input,
    quiet: true,
  });
  const answer = lines(result.stdout);
  if (!result.ok || answer.pop() !== "end infect-missing-paths")
    throw copyError(limits, result, "the machine");
  const missing = new Set(answer);
  return paths.filter((entry) => missing.has(entry.path));
}

async function nixStore(args: readonly string[], limits: HostLimits, input?: string): Promise<string> {
  const { timeoutSeconds, signal } = limits;
  const result = await run("nix-store", args, {
    timeoutSeconds,
    signal,
    ...(input === undefined ? {} : { input }),
  });
  if (!result.ok) throw copyError(limits, result, `nix-store ${args[0] ?? ""}`);
  return result.stdout;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function copyError({ host, timeoutSeconds }: HostLimits, result: RunResult, where: string): StepError {
  const why = result.timedOut ? `not done within ${Math.round(timeoutSeconds)} s` : (result.signal ?? "");
  const said = result.stderr.trim().split("\n").slice(-5).join("\n    ");
  return new StepError({
    host,
    step,
    seen: [`${where}: ${result.cancelled ? "cancelled" : why || `exit code ${result.exitCode}`}`, said].join(
      "\n    ",
    ),
    next: "run pulumi up again: what was copied stays",
  });
}
