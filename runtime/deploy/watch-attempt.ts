import { readFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import type { Endpoint } from "../../model/protocol/connection.ts";
import { recordFolder } from "../host/deployment-records.ts";
import { type HostState, parseHostState } from "../host/host-state.ts";
import { runFolder } from "../host/lock/host-lock.ts";
import { anySignal } from "../platform/limits.ts";
import { remoteScriptPath } from "../platform/package-root.ts";
import type { RunResult } from "../platform/run-command.ts";
import { overFreshConnection } from "../ssh/new-connection.ts";
import type { RemoteRunOptions, SshSession } from "../ssh/session.ts";
import { type AttemptStatus, type LiveState, parseFollow } from "./attempt-result.ts";

/** What a host reports about an attempt; with its end comes what the host then runs, where that was reported as well. */
export type AttemptEvent =
  | { readonly state: LiveState }
  | (Extract<AttemptStatus, { state: "done" }> & { readonly host: HostState | undefined });

/** A host that reports the progress of an attempt. */
export interface AttemptWatcher {
  /**
   * The newest news since the last call, or the next to come; undefined once it reports no more or has been silent for too long.
   * @throws ZodError for a result that cannot be understood
   */
  next(): Promise<AttemptEvent | undefined>;
  /** Safe to call again. */
  end(): Promise<void>;
}

/** Which connection reports: the shared one, or a new one to a place. */
export type ConnectionKind = "shared" | Endpoint;

/**
 * The host gives a sign of life every half second. A connection that the activation has cut gives none, and must not use up the time
 * for confirming; a new one has to be opened first.
 */
const silenceSeconds = { shared: 7, fresh: 17 };

/** Lets a host report the progress of an attempt, over the shared connection or one of its own, for that many seconds at most. */
export function watchAttempt(
  session: SshSession,
  attemptFolder: string,
  via: ConnectionKind,
  { seconds, signal }: { readonly seconds: number; readonly signal?: AbortSignal | undefined },
): AttemptWatcher {
  const stop = new AbortController();
  const silence = silenceSeconds[via === "shared" ? via : "fresh"];
  const output = new PassThrough();
  const ended = startTelling(session, attemptFolder, via, {
    output,
    quiet: true,
    timeoutSeconds: seconds + silence,
    signal: anySignal(stop.signal, signal),
  }).finally(() => output.end());
  ended.catch(() => {});
  return reader(output, silence * 1000, async () => {
    stop.abort();
    await ended.catch(() => {});
  });
}

async function startTelling(
  session: SshSession,
  attemptFolder: string,
  via: ConnectionKind,
  options: Omit<RemoteRunOptions, "elevate">,
): Promise<RunResult> {
  const [text, look] = await Promise.all(
    (["deploy/watch-attempt", "host/inspect-host"] as const).map((name) =>
      readFile(remoteScriptPath(name), "utf8"),
    ),
  );
  const longest = String(Math.ceil(options.timeoutSeconds));
  const words = [
    text ?? "",
    "fleet-watch-attempt",
    attemptFolder,
    longest,
    look ?? "",
    runFolder,
    recordFolder,
  ];
  const argv = ["bash", "-c", ...words];
  if (via === "shared") return await session.run(argv, { ...options, elevate: true });
  return await overFreshConnection(session, argv, { ...options, places: [via] });
}

/** Reads what `watch-attempt.sh` prints. @param silenceMs without a report for so long, it reports no more @internal */
export function reader(
  output: NodeJS.ReadableStream,
  silenceMs: number,
  end: () => Promise<void>,
): AttemptWatcher {
  let text = "";
  let newest: AttemptStatus | undefined;
  let failure: { readonly error: unknown } | undefined;
  let over = false;
  let wake: (() => void) | undefined;
  output.on("data", (chunk: Buffer | string) => {
    text += chunk.toString();
    try {
      const { blocks, rest } = splitBlocks(text);
      text = rest;
      for (const block of blocks) newest = parseFollow(block) ?? newest;
    } catch (error) {
      failure = { error };
    }
    if (newest?.state !== "done" || failure !== undefined) wake?.();
  });
  output.on("end", () => {
    over = true;
    wake?.();
  });
  const quiet = () => newest === undefined && failure === undefined && !over;
  return {
    end,
    async next() {
      // What the host runs at the end comes last of all.
      while (quiet() || (newest?.state === "done" && !over && failure === undefined)) {
        const heard = await heardWithin(silenceMs, (listener) => {
          wake = listener;
        });
        if (!heard) over = true;
      }
      if (failure !== undefined) throw failure.error;
      const news = newest;
      newest = undefined;
      return news?.state === "done" ? { ...news, host: parseHostState(text) } : news;
    },
  };
}

function heardWithin(milliseconds: number, listen: (listener: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    listen(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

const blockEnd = "end watch-attempt\n";

function splitBlocks(text: string): { readonly blocks: readonly string[]; readonly rest: string } {
  const parts = text.split(new RegExp(`(?<=^${blockEnd})`, "m"));
  const rest = parts.at(-1)?.endsWith(blockEnd) === true ? "" : (parts.pop() ?? "");
  return { blocks: parts.filter((part) => part !== ""), rest };
}
