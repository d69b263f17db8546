import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeploySpec } from "../../fleet/protocol/deploy.ts";
import { type HostLock, runFolder } from "../lock/host-lock.ts";
import { remoteScriptPath } from "../package-root.ts";
import type { Reporter } from "../progress/reporter.ts";
import type { SshSession } from "../ssh/session.ts";
import { StepError } from "../step-error.ts";
import type { Decision } from "./decision.ts";
import { scriptOverFreshConnection } from "./fresh-connection.ts";
import { readLines } from "./host-state.ts";
import { type AttemptResult, attemptResultSchema, type DeployRequest, recordFolder } from "./records.ts";

/** One run of the supervisor on a host. */
export interface Attempt {
  /** Its folder on the host; the last part is a nonce, so that nothing older can confirm it. */
  readonly folder: string;
  readonly goal: Exclude<Decision, "nothing">;
  readonly oldSystem: string;
  readonly newSystem: string;
}

/** What every step of an attempt needs. */
export interface AttemptContext {
  readonly session: SshSession;
  readonly deadlines: DeploySpec["deadlines"];
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
}

/** How the supervisor ended, with the end of its log. */
export interface FinishedAttempt {
  readonly result: AttemptResult;
  readonly log: string;
}

/** Time a short command may take, in seconds. */
const commandSeconds = 20;
/** How long the host holds one question about progress. Short: a connection cut by the activation must not eat up the time for confirming. */
const followSeconds = 2;
const followGraceSeconds = { shared: 5, fresh: 15 };
const pauseMs = 500;

/** Makes the attempt's folder on the host and protects both systems from garbage collection. */
export async function prepareAttempt(
  context: AttemptContext,
  request: DeployRequest,
  plan: Omit<Attempt, "folder">,
): Promise<Attempt> {
  const nonce = randomBytes(16).toString("hex");
  const attempt: Attempt = { ...plan, folder: `${runFolder}/attempts/${nonce}` };
  const supervisor = await readFile(remoteScriptPath("supervise"), "utf8");
  const { session, reporter, signal } = context;
  const result = await session.script("prepare", [attempt.folder, plan.oldSystem, plan.newSystem], {
    elevate: true,
    input: `${JSON.stringify(request)}\n${supervisor}`,
    timeoutSeconds: commandSeconds,
    reporter,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.ok) return attempt;
  throw new StepError({
    host: session.target.host,
    step: "preparation",
    seen: result.timedOut ? `no answer within ${commandSeconds} s` : result.stderr,
    next: "check free space on the host, then run it again; nothing was activated",
    log: reporter.logFile,
  });
}

/** Lets the host's supervisor bring the system into force, confirms it, and waits for its result. */
export async function carryOut(
  context: AttemptContext,
  lock: HostLock,
  attempt: Attempt,
): Promise<FinishedAttempt> {
  const { activate, confirm } = context.deadlines;
  await lock.start(attempt.folder, [
    attempt.goal,
    attempt.oldSystem,
    attempt.newSystem,
    String(Math.ceil(activate)),
    String(Math.ceil(confirm)),
    recordFolder,
  ]);
  // Waiting for a busy switch, activation and its confirmation, then the way back: each may use its time in full.
  const deadline = Date.now() + (4 * activate + confirm + 3 * commandSeconds) * 1000;
  let known = "-";
  let via: "shared" | "fresh" = "shared";
  while (Date.now() < deadline) {
    const seen = await follow(context, attempt, known, via);
    if (context.signal?.aborted === true) throw cancelled(context, attempt);
    if (seen === undefined) {
      via = "fresh";
      await sleep(pauseMs);
      continue;
    }
    if (seen.state === "done") return { result: seen.result, log: seen.log };
    if (seen.state === "lost") throw lost(context, attempt);
    const line = seen.state === known ? undefined : progressLines[seen.state];
    if (line !== undefined) context.reporter.progress(line);
    if (seen.state === "confirm" && (await confirmAttempt(context, attempt))) known = seen.state;
    else if (seen.state !== "confirm") known = seen.state;
  }
  throw noContact(context, attempt);
}

const progressLines: Partial<Record<Seen["state"], string>> = {
  committing: "confirmed, writing profile and boot entry",
  reverting: "the host goes back to the system it ran before",
};

type Seen =
  | { readonly state: "done"; readonly result: AttemptResult; readonly log: string }
  | { readonly state: "prepared" | "activating" | "confirm" | "committing" | "reverting" | "lost" };

const liveStates = ["prepared", "activating", "confirm", "committing", "reverting", "lost"] as const;

/**
 * Reads what `follow.sh` printed; undefined when it is not whole.
 * @throws ZodError for a result that cannot be understood: waiting longer would not help.
 */
export function parseFollow(text: string): Seen | undefined {
  const lines = readLines(text, "follow");
  const state = lines?.find(([name]) => name === "state")?.[1];
  if (lines === undefined || state === undefined) return undefined;
  if (state !== "done") {
    const live = liveStates.find((candidate) => candidate === state);
    return live === undefined ? undefined : { state: live };
  }
  const valuesOf = (kind: string) => lines.filter(([name]) => name === kind).map(([, value]) => value);
  const pairs = valuesOf("result").map((line): [string, string] => {
    const blank = line.indexOf(" ");
    return [line.slice(0, blank), line.slice(blank + 1)];
  });
  const result = attemptResultSchema.parse(Object.fromEntries(pairs));
  return { state, result, log: valuesOf("log").join("\n") };
}

async function follow(
  { session, signal }: AttemptContext,
  attempt: Attempt,
  known: string,
  via: "shared" | "fresh",
): Promise<Seen | undefined> {
  const args = [attempt.folder, known, String(followSeconds)];
  const options = {
    timeoutSeconds: followSeconds + followGraceSeconds[via],
    quiet: true,
    ...(signal === undefined ? {} : { signal }),
  };
  const result =
    via === "shared"
      ? await session.script("follow", args, { ...options, elevate: true })
      : await scriptOverFreshConnection(session, "follow", args, options);
  if (!result.ok) return undefined;
  try {
    return parseFollow(result.stdout);
  } catch (error) {
    throw new StepError(
      {
        host: session.target.host,
        step: "reading the result",
        seen: `${attempt.folder}/result cannot be understood (is /run full?): ${result.stdout}`,
        next: "look at the host's state with `fleet status`, make room, then run it again",
      },
      { cause: error },
    );
  }
}

/** True once the host took the confirmation; false: no contact, or the host has moved on. */
async function confirmAttempt(
  { session, reporter, signal }: AttemptContext,
  attempt: Attempt,
): Promise<boolean> {
  reporter.progress("activated, confirming over a new connection");
  const result = await scriptOverFreshConnection(session, "confirm", [attempt.folder], {
    timeoutSeconds: commandSeconds,
    reporter,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!result.ok) {
    reporter.detail(`confirmation: exit code ${result.exitCode}: ${result.stderr}`);
    await sleep(pauseMs);
  }
  return result.ok;
}

function cancelled({ session, reporter }: AttemptContext, attempt: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "deployment",
    seen: `cancelled; the host goes back to ${attempt.oldSystem} by itself unless it was confirmed already`,
    next: "run it again: it continues from whatever the host then runs",
    log: reporter.logFile,
  });
}

function lost({ session, reporter }: AttemptContext, attempt: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "activation",
    seen: "the host was rebooted while the system was being activated",
    next: `run it again; it started ${attempt.oldSystem}, which stayed its boot entry, unless it had committed already`,
    log: reporter.logFile,
  });
}

function noContact({ session, reporter }: AttemptContext, attempt: Attempt): StepError {
  return new StepError({
    host: session.target.host,
    step: "confirmation",
    seen: "the host could not be reached again, neither after activation nor after it went back by itself",
    next: `look at its console: it runs ${attempt.oldSystem} unless that could not be restored; a reboot starts it`,
    log: reporter.logFile,
  });
}
