import { type HostState, inspectHost, readLines } from "../host/host-state.ts";
import { describeLockOwner } from "../host/lock/owner.ts";
import { deadlineIn } from "../platform/deadline.ts";
import { describeExit } from "../platform/describe-exit.ts";
import type { Limits } from "../platform/limits.ts";
import { pollUntil } from "../platform/poll-until.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";

/** One generation of a host's system profile. */
export interface Generation {
  readonly number: number;
  /** ISO 8601, when it was created. */
  readonly time: string;
  /** Store path. */
  readonly system: string;
  /** What it is now: `next boot` is the profile's own generation. */
  readonly roles: readonly Role[];
}
type Role = "runs" | "booted" | "next boot" | "confirmed";

/** Reads what `list-generations.sh` printed, oldest first; undefined when it is not whole. */
function parseGenerations(text: string, state: HostState): Generation[] | undefined {
  const lines = readLines(text, "list-generations");
  if (lines === undefined) return undefined;
  return lines
    .flatMap(([name, value]): Generation[] => {
      const [number = "", seconds = "", system = ""] = value.split(" ");
      if (name !== "generation" || !/^\d+$/.test(number) || !/^\d+$/.test(seconds)) return [];
      const generation = { number: Number(number), system };
      const time = new Date(Number(seconds) * 1000).toISOString();
      return [{ ...generation, time, roles: rolesOf(generation, state) }];
    })
    .sort((a, b) => a.number - b.number);
}

function rolesOf({ number, system }: Pick<Generation, "number" | "system">, state: HostState): Role[] {
  const confirmed = state.confirmed.kind === "read" ? state.confirmed.value : undefined;
  const isConfirmed = confirmed?.system === system && (confirmed.generation ?? number) === number;
  return [
    ...(state.current === system ? (["runs"] as const) : []),
    ...(state.booted === system ? (["booted"] as const) : []),
    ...(state.generation === number ? (["next boot"] as const) : []),
    ...(isConfirmed ? (["confirmed"] as const) : []),
  ];
}

/** How a host is inspected: limits of each command. */
export interface GenerationsOptions extends Limits {
  /** Seconds to wait for other work on the host: a deployment that has just ended still writes its log. Default: 0. */
  readonly patienceSeconds?: number;
}

const pause = 0.5;

/**
 * Lists the generations of a host.
 * @throws StepError step "listing generations"
 */
export async function readGenerations(
  session: SshSession,
  { patienceSeconds = 0, ...options }: GenerationsOptions,
): Promise<{ state: HostState; generations: Generation[] }> {
  const state = await pollUntil(
    () => inspectHost(session, options),
    ({ lock }) => !lock.held,
    { deadline: deadlineIn(patienceSeconds), pause, signal: options.signal },
  );
  const result = await session.script("host/list-generations", [], { ...options, quiet: true });
  const generations = result.ok ? parseGenerations(result.stdout, state) : undefined;
  if (generations !== undefined) return { state, generations };
  throw new StepError({
    host: session.target.host,
    step: "listing generations",
    seen: describeExit(result, options.timeoutSeconds),
    next: "check that the host works, then run it again",
  });
}

/**
 * The generation to roll back to: the one asked for, else the newest one older than the profile's that is another system.
 * @throws StepError step "choosing a generation"
 */
export function chooseGeneration(
  host: string,
  generations: readonly Generation[],
  state: Pick<HostState, "generation" | "current" | "lock">,
  wanted?: number,
): Generation {
  const numbers = generations.map(({ number }) => number).join(", ");
  const refuse = (seen: string) =>
    new StepError({
      host,
      step: "choosing a generation",
      seen,
      next: numbers === "" ? "deploy to the host first" : `choose one of ${numbers} by --to`,
    });
  if (wanted !== undefined) {
    const found = generations.find(({ number }) => number === wanted);
    if (found === undefined) throw refuse(`the host has no generation ${wanted}`);
    return found;
  }
  // Which one is the one before is not settled until then.
  if (state.lock.held)
    throw new StepError({
      host,
      step: "choosing a generation",
      seen: `the host is being worked on by ${describeLockOwner(state.lock.owner)}`,
      next: "run it again when that has ended, or choose a generation by --to",
    });
  const { generation: newest = Number.POSITIVE_INFINITY, current } = state;
  const found = generations.findLast(({ number, system }) => number < newest && system !== current);
  if (found === undefined) throw refuse("the host has no older generation with another system");
  return found;
}
