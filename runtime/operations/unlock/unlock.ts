import { readdir, readFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import path from "node:path";
import { deadlineIn } from "../../platform/deadline.ts";
import { readProcess } from "../../platform/parent-watch.ts";
import { pollUntil } from "../../platform/poll-until.ts";
import type { StackSelection } from "../../pulumi/outputs.ts";
import { endOrphan, listOrphans, type Orphan } from "./orphans.ts";
import { cancelUpdate, locateStack } from "./pulumi-backend.ts";
import {
  describeStackLock,
  lockFolder,
  type OwnerState,
  ownerState,
  parseStackLock,
  type StackLock,
} from "./stack-lock.ts";

/** What holds a stack. `locks` is undefined where the backend does not let us look. */
interface StackHold {
  readonly stack: string;
  readonly backendUrl: string;
  readonly locks: readonly { readonly lock: StackLock | undefined; readonly owner: OwnerState }[] | undefined;
}

/** What to do about it. `ask`: only a person can know. */
type UnlockDecision =
  | { readonly kind: "free" }
  | { readonly kind: "refuse"; readonly because: string }
  | { readonly kind: "ask"; readonly question: string }
  | { readonly kind: "unlock"; readonly because: string };

/** Decides from what is known; a running owner is never overruled. @internal */
export function decideUnlock({ stack, backendUrl, locks }: StackHold): UnlockDecision {
  if (locks === undefined) return { kind: "ask", question: blindQuestion(stack, backendUrl) };
  if (locks.length === 0) return { kind: "free" };
  const describe = (wanted: OwnerState) =>
    locks
      .filter(({ owner }) => owner === wanted)
      .map(({ lock }) => (lock === undefined ? "an unreadable lock" : describeStackLock(lock)))
      .join(", ");
  if (describe("running") !== "")
    return { kind: "refuse", because: `stack "${stack}" is being updated by ${describe("running")}` };
  if (describe("elsewhere") !== "")
    return {
      kind: "ask",
      question: `stack "${stack}" is locked from another machine, by ${describe("elsewhere")}: free it, because that run has ended`,
    };
  return {
    kind: "unlock",
    because: `stack "${stack}" is locked by ${describe("gone")}, which no longer runs`,
  };
}

/** Pulumi Cloud knows an update, a bucket nothing but lock files: `pulumi cancel` ends the one, and removes all of the others. */
function blindQuestion(stack: string, backendUrl: string): string {
  return /^https?:/.test(backendUrl)
    ? `${backendUrl} does not report who updates stack "${stack}": cancel its update, because it is no longer running`
    : `the locks in ${backendUrl} cannot be read from here: free stack "${stack}", because no update is running`;
}

/** How `unlock` talks and how long it waits. */
export interface UnlockOptions {
  /** Receives lines for people, without line ends. */
  readonly say: (line: string) => void;
  /** Asks a person; must answer no without a terminal. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Seconds that commands of the killed run get to stop by themselves, and again when asked to. Default 15. */
  readonly orphanSeconds?: number;
}

/** `free`: there was no lock. `refused`: it is still locked, and `say` got the reason. */
export type UnlockOutcome = "free" | "unlocked" | "refused";

/**
 * Frees a stack after a killed run: only when its owner is known to be gone or a person says so, and only when none of the run's
 * commands works on a host any more.
 * @throws StepError when Pulumi cannot be asked
 */
export async function unlock(selection: StackSelection, options: UnlockOptions): Promise<UnlockOutcome> {
  const located = await locateStack(selection);
  const hold = await lookAtLocks(located);
  const decision = decideUnlock(hold);
  switch (decision.kind) {
    case "free":
      options.say(`stack "${hold.stack}" is not locked`);
      return "free";
    case "refuse":
      options.say(`${decision.because}; wait for it, or stop it with Ctrl-C where it runs`);
      return "refused";
    case "ask":
      if (await options.confirm(decision.question)) break;
      options.say(`stack "${hold.stack}" was left as it is`);
      return "refused";
    case "unlock":
      options.say(decision.because);
      break;
  }
  if (!(await settleOrphans(selection.projectRoot, options))) return "refused";
  await cancelUpdate(selection, located);
  options.say(
    `stack "${hold.stack}" is free: run \`pulumi up\` again, it continues where the killed run has stopped`,
  );
  return "unlocked";
}

async function lookAtLocks(stack: { name: string; project: string; backendUrl: string }): Promise<StackHold> {
  const folder = lockFolder(stack.backendUrl, stack, homedir());
  const known = { stack: stack.name, backendUrl: stack.backendUrl };
  if (folder === undefined) return { ...known, locks: undefined };
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const texts = await Promise.all(
    files.filter((file) => file.endsWith(".json")).map((file) => readFile(path.join(folder, file), "utf8")),
  );
  const locks = texts.map(parseStackLock).map((lock) => ({
    lock,
    owner: lock === undefined ? ("elsewhere" as const) : ownerState(lock, hostname(), readProcess),
  }));
  return { ...known, locks };
}

const defaultOrphanSeconds = 15;

/** True once no command of a killed run works on a host any more. */
async function settleOrphans(
  projectRoot: string,
  { say, confirm, orphanSeconds }: UnlockOptions,
): Promise<boolean> {
  const patience = orphanSeconds ?? defaultOrphanSeconds;
  let orphans = await listOrphans(projectRoot);
  if (orphans.length === 0) return true;
  say(`waiting for what the killed run has left behind: ${describe(orphans)}`);
  orphans = await waitForEnd(projectRoot, patience);
  if (orphans.length === 0) return true;
  if (!(await confirm(`${describe(orphans)} still running: stop at the next safe point`))) return false;
  for (const orphan of orphans) endOrphan(orphan);
  orphans = await waitForEnd(projectRoot, patience);
  if (orphans.length > 0) say(`still running after ${patience} s: ${describe(orphans)}`);
  return orphans.length === 0;
}

async function waitForEnd(projectRoot: string, seconds: number): Promise<Orphan[]> {
  return await pollUntil(
    () => listOrphans(projectRoot),
    (orphans) => orphans.length === 0,
    { deadline: deadlineIn(seconds), pause: 0.25 },
  );
}

function describe(orphans: readonly Orphan[]): string {
  return orphans.map(({ pid, command }) => `fleet internal ${command} (process ${pid})`).join(", ");
}
