import { setTimeout as sleep } from "node:timers/promises";
import type { GateHost, GateResult, GateSpec } from "../../../model/protocol/gate.ts";
import type { HostState } from "../../host/host-state.ts";
import { stopwatch } from "../../platform/deadline.ts";
import type { WorkContext } from "../../platform/limits.ts";
import type { Reporter } from "../../platform/reporter.ts";
import { StepError } from "../../platform/step-error.ts";
import { readStatus } from "../status.ts";
import { contactErrors, soakedSeconds, soakProblems } from "./soak.ts";

/** A host with errors holds up the next wave after this time at the latest. */
const lookEverySeconds = 30;
/** Hosts checked at the same time. */
const parallel = 16;

/**
 * Waits until every host of a wave has run its system for the soak, checking all of them meanwhile and once more at the end.
 * @throws StepError that names every host which cannot be reached, has another system, was rebooted or lost a unit
 */
export async function holdGate(spec: GateSpec, { reporter, signal }: WorkContext): Promise<GateResult> {
  const elapsed = stopwatch();
  const first = await inspect(spec, { reporter, signal });
  let seen = first;
  let looks = 1;
  for (;;) {
    check(spec, first, seen, reporter);
    const left = spec.soakSeconds - Math.max(elapsed(), soaked(spec.hosts, seen));
    if (left <= 0) break;
    reporter.progress(`${count(spec)} as wanted, ${Math.ceil(left)} s to go`);
    await pause(spec, Math.min(left, lookEverySeconds), signal);
    seen = await inspect(spec, { reporter, signal });
    looks += 1;
  }
  reporter.progress(`${count(spec)} as wanted: the next wave may begin`);
  return { wave: spec.wave, key: spec.key, hosts: spec.hosts.length, looks, seconds: elapsed() };
}

function count({ hosts }: GateSpec): string {
  return hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
}

type States = ReadonlyMap<string, HostState>;

async function inspect(spec: GateSpec, { reporter, signal }: WorkContext): Promise<States> {
  const targets = spec.hosts.map(({ host, connection, hostKey, system }) => ({
    target: { host, connection, hostKeys: [hostKey] },
    wanted: system,
  }));
  const statuses = await readStatus(targets, {
    hostSeconds: spec.contactSeconds,
    overallSeconds: spec.contactSeconds * Math.ceil(targets.length / parallel),
    parallel,
    signal,
  });
  if (signal?.aborted === true) throw cancelled(spec);
  const errors = statuses.flatMap(contactErrors);
  if (errors.length > 0) throw closed(spec, errors, reporter);
  return new Map(statuses.flatMap((status) => (status.reachable ? [[status.host, status.state]] : [])));
}

function check(spec: GateSpec, first: States, seen: States, reporter: Reporter): void {
  const errors = spec.hosts.flatMap((host) => {
    const [before, now] = [first.get(host.host), seen.get(host.host)];
    if (before === undefined || now === undefined) throw new Error(`${host.host} was not checked`);
    return soakProblems(host, before, now);
  });
  if (errors.length > 0) throw closed(spec, errors, reporter);
}

function soaked(hosts: readonly GateHost[], seen: States): number {
  const seconds = hosts.map((host) => {
    const state = seen.get(host.host);
    return state === undefined ? 0 : soakedSeconds(host, state);
  });
  return Math.min(...seconds);
}

async function pause(spec: GateSpec, seconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } catch (error) {
    if (signal?.aborted === true) throw cancelled(spec);
    throw error;
  }
}

function closed(spec: GateSpec, errors: readonly string[], reporter: Reporter): StepError {
  return new StepError({
    step: `gate after ${spec.wave}`,
    seen: ["later waves are not deployed, because of", ...errors.map((error) => `  ${error}`)].join("\n"),
    next: "check these hosts, fix them or their configuration, then run it again",
    log: reporter.logFile,
  });
}

function cancelled(spec: GateSpec): StepError {
  return new StepError({
    step: `gate after ${spec.wave}`,
    seen: "cancelled; later waves are not deployed",
    next: "run it again: the time that hosts have run their system counts",
  });
}
