import { createHash } from "node:crypto";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import type { HostState } from "./host-state.ts";

/** A host that does not run, or will not boot, what was deployed to it. */
export interface Drift {
  /** What is there instead of what, for people. */
  readonly seen: string;
  /** Who changed it, as far as the host's history knows. */
  readonly by: string;
  /** The same as long as nothing happens on the host, and another one after every repair. */
  readonly token: string;
}

/** The part of a host's state that drift is read from. */
export type DriftingState = Pick<
  HostState,
  "current" | "currentSince" | "profile" | "confirmed" | "lastDeployment"
>;

/**
 * Compares what a host runs and boots with what was deployed to it. A system that is staged for the next boot, or tested until
 * then, is as it should be.
 * @param deployed store path that was deployed last as far as the asker knows; null: go by the host's own record
 */
export function findDrift(state: DriftingState, deployed: string | null): Drift | undefined {
  const record = state.confirmed.kind === "read" ? state.confirmed.value : undefined;
  const expected = deployed ?? record?.system;
  if (expected === undefined) return undefined;
  const outcome = record?.system === expected ? record.outcome : "deployed";
  const runs = state.current === expected || (outcome === "staged" && state.profile === expected);
  const boots = state.profile === expected || outcome === "tested";
  if (runs && boots) return undefined;
  const found = runs ? state.profile : state.current;
  const verb = runs ? "will boot" : "runs";
  return {
    seen: `${verb} ${name(found)}; deployed was ${name(expected)}`,
    by: whoChanged(state, found),
    token: tokenOf(state),
  };
}

function name(path: string | undefined): string {
  return path === undefined ? "no system" : shortSystem(path);
}

function whoChanged(state: DriftingState, found: string | undefined): string {
  const since = state.currentSince === undefined ? "" : `, since ${minute(state.currentSince)}`;
  if (state.lastDeployment.kind !== "read") return `not through fleet${since}`;
  const { current, time, request } = state.lastDeployment.value;
  if (current !== found) return `not through fleet${since}`;
  const operation =
    request.operation === undefined || request.operation === "deploy" ? "" : ` ${request.operation}`;
  return `through fleet${operation}, by ${request.operator} for stack ${request.stack} at ${minute(time)}`;
}

/** `2026-11-21 11:19 UTC` */
function minute(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}

/** A repair writes a new record, and causing the same drift again sets the links again. */
function tokenOf({ current, currentSince, profile, confirmed }: DriftingState): string {
  const recorded = confirmed.kind === "read" ? confirmed.value.time : confirmed.kind;
  const facts = [current, currentSince, profile, recorded];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
}
