import type { Change } from "./last-change.ts";

/** A host as a rollback of the last update sees it. */
export type RollbackInspection = { readonly host: string } & (
  | {
      readonly reachable: true;
      readonly current: string | undefined;
      readonly profile: string | undefined;
      /** Its last change; undefined: none is known, or it was rolled back. */
      readonly last: Change | undefined;
      /** Seconds since that change. */
      readonly age: number;
      /** The newest update that has tried it, whatever came of it, and the seconds since. */
      readonly newest: { readonly update: string; readonly age: number } | undefined;
      /** Whether the system before that change is still on the host. */
      readonly isBeforeThere: boolean;
      /** Who is working on it now; undefined: no one. */
      readonly busy: string | undefined;
    }
  | { readonly reachable: false; readonly seen: string }
);

/** A host to be rolled back. */
export interface Step {
  readonly host: string;
  /** Store paths: what is rolled back, and what to. */
  readonly from: string;
  readonly to: string;
  readonly operator: string;
  /** Seconds since it was deployed. */
  readonly age: number;
}

/** What a rollback of the last update is going to do. */
export interface RollbackPlan {
  readonly steps: readonly Step[];
  /** Hosts that belong to it and cannot be rolled back, or may belong to it, each with the reason. */
  readonly obstacles: readonly { readonly host: string; readonly reason: string }[];
}

/**
 * Finds the newest update of any of the hosts, and what is left of its changes. So a second rollback takes nothing further back: it only
 * reaches hosts that the first has missed.
 */
export function planRollback(looks: readonly RollbackInspection[]): RollbackPlan {
  const update = newestUpdate(looks);
  const steps: Step[] = [];
  const obstacles: { host: string; reason: string }[] = [];
  for (const look of looks) {
    if (!look.reachable) {
      obstacles.push({ host: look.host, reason: `cannot be reached: ${look.seen}` });
      continue;
    }
    const { host, last, age, busy } = look;
    if (busy !== undefined) {
      obstacles.push({ host, reason: `is being worked on by ${busy}: run it again when that has ended` });
      continue;
    }
    if (update === undefined || last?.update !== update) continue;
    const reason = obstacleOf(look, last);
    if (reason !== undefined) obstacles.push({ host, reason });
    else steps.push({ host, from: last.to, to: last.from, operator: last.operator, age });
  }
  return { steps, obstacles };
}

function newestUpdate(looks: readonly RollbackInspection[]): string | undefined {
  const known = looks.flatMap((look) => (look.reachable && look.newest !== undefined ? [look.newest] : []));
  const [newest] = known.sort((one, other) => one.age - other.age);
  return newest?.update;
}

function obstacleOf(look: RollbackInspection & { reachable: true }, last: Change): string | undefined {
  if (look.current !== last.to && look.profile !== last.to)
    return `has had another system activated since: ${look.current ?? "none"}`;
  return look.isBeforeThere
    ? undefined
    : `its system before is no longer there (garbage collection): ${last.from}`;
}
