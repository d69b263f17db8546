import Table from "cli-table3";
import picocolors from "picocolors";
import { HostNames } from "../../model/naming/host-names.ts";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { findDrift } from "../../runtime/host/drift.ts";
import type { HostState } from "../../runtime/host/host-state.ts";
import { describeLockOwner } from "../../runtime/host/lock/owner.ts";
import { isAsWanted, type Verdict } from "../../runtime/host/status-of-state.ts";
import { type HostStatus, readStatus } from "../../runtime/operations/status.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import {
  readStackOutputs,
  type StackSelection,
  sshTarget,
  unfinishedLines,
} from "../../runtime/pulumi/outputs.ts";
import { readRecordedState } from "../../runtime/pulumi/recorded-state.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { groupMessages, type HostMessage } from "../io/grouped-lines.ts";
import { print, type View } from "../io/view.ts";

/**
 * Shows what hosts of a stack run, against what the last update wanted.
 * @param selectors names of hosts, and `@` with tags; none: all hosts
 * @returns 0 if every host runs what is wanted and can be reached, or may be unreachable (`allowUnreachable`), is away, and nothing waits for it, else 1
 */
export async function status(
  selection: StackSelection,
  selectors: readonly string[],
  view: View,
): Promise<number> {
  const outputs = await readStackOutputs(selection);
  const names = chooseHosts(outputs, selectors);
  const mayBeUnreachable = names.filter((name) => outputs.hosts[name]?.allowUnreachable === true);
  const pending = await pendingHosts(selection, mayBeUnreachable);
  const targets = names.map((name) => ({
    target: sshTarget(outputs, name),
    wanted: outputs.hosts[name]?.system ?? null,
    allowUnreachable: outputs.hosts[name]?.allowUnreachable ?? false,
    pending: pending.has(name),
  }));
  const seen = await readStatus(targets, { signal: view.signal });
  const rest = selectors.length === 0 ? unfinishedLines(outputs) : [];
  print(view, seen, () => [statusTable(seen), ...rest].join("\n"));
  return seen.every(isWell) && rest.length === 0 ? 0 : 1;
}

/** A host that may be away, and of which nothing more is wanted, is as well as it can be. */
function isWell(host: HostStatus): boolean {
  return host.reachable ? isAsWanted(host.verdict) : host.away === true && host.pending !== true;
}

/** The state is read only where a deployment can be pending. */
async function pendingHosts(
  selection: StackSelection,
  mayBeUnreachable: readonly string[],
): Promise<ReadonlySet<string>> {
  if (mayBeUnreachable.length === 0) return new Set();
  const recorded = await readRecordedState(selection);
  if (typeof recorded === "string")
    throw new StepError({
      step: "reading the stack",
      seen: recorded,
      next: "check `pulumi stack ls` and the login it needs",
    });
  // Outputs and state are of the same update: neither knows another name.
  return new Set(
    mayBeUnreachable.filter((name) => recorded.host(new HostNames({ name, aliases: [] })).pending),
  );
}

/** One row a host; rows of hosts that are not as wanted say why below the table. @internal */
export function statusTable(hosts: readonly HostStatus[]): string {
  const table = new Table({
    head: ["host", "state", "runs", "generation", "up", "last deployment"],
    // The library colours whatever it writes to; a file or a pipe wants plain text.
    style: picocolors.isColorSupported
      ? { head: ["bold"], border: ["dim"], compact: true }
      : { head: [], border: [], compact: true },
  });
  for (const host of hosts) table.push(row(host));
  return [table.toString(), ...groupMessages(hosts.flatMap(remarks))].join("\n");
}

function row(host: HostStatus): string[] {
  if (!host.reachable) return [host.host, absence(host), "", "", "", ""];
  const { state, verdict } = host;
  return [
    host.host,
    isAsWanted(verdict) ? picocolors.green(verdict) : picocolors.yellow(isBack(host) ? "pending" : verdict),
    state.current === undefined ? "?" : shortSystem(state.current),
    String(state.generation ?? "?"),
    duration(state.uptimeSeconds),
    lastDeployment(host),
  ];
}

function absence({ away, pending }: HostStatus & { reachable: false }): string {
  if (away !== true) return picocolors.red("unreachable");
  return picocolors.yellow(pending ? "pending" : "away");
}

/** It can be reached again, and does not run yet what was to be deployed while it was away. */
function isBack({ pending, verdict }: HostStatus & { reachable: true }): boolean {
  return pending === true && verdict === "outdated";
}

/** Two units at most: `3 d 4 h`, `12 min`, `8 s`. */
export function duration(seconds: number): string {
  const parts = [
    { size: 86_400, unit: "d" },
    { size: 3600, unit: "h" },
    { size: 60, unit: "min" },
    { size: 1, unit: "s" },
  ].map(({ size, unit }, index, units) => {
    const above = units[index - 1]?.size ?? Number.POSITIVE_INFINITY;
    return { count: Math.floor((seconds % above) / size), unit };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first === -1) return "0 s";
  const shown = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ count, unit }) => `${count} ${unit}`).join(" ");
}

function lastDeployment(host: HostStatus & { reachable: true }): string {
  const { lastDeployment: entry } = host.state;
  if (entry.kind !== "read") return entry.kind === "absent" ? "none yet" : "unreadable";
  const { outcome, time, request } = entry.value;
  return `${outcome} ${time.slice(0, 16).replace("T", " ")} by ${request.operator}`;
}

const explanations: Partial<Record<Verdict, string>> = {
  staged: "the wanted system waits for a reboot: it starts at the next boot",
  tested: "runs the wanted system until the next boot, which starts another (goal `test`)",
  "not-committed": "runs the wanted system but boots another: run pulumi up",
  outdated: "another system is wanted: run pulumi up",
  unknown: "nothing is wanted of it yet",
};

function remarks(host: HostStatus): HostMessage[] {
  return remarkTexts(host).map((text) => ({ host: host.host, text }));
}

function remarkTexts(host: HostStatus): string[] {
  if (!host.reachable) {
    const waiting = host.pending === true ? "; its deployment waits for it: run pulumi up when it is on" : "";
    return [`${host.seen}${waiting}`];
  }
  const standing = isBack(host)
    ? "it was away when it was to be deployed to: run pulumi up"
    : explanations[host.verdict];
  // What a deployment passes through explains nothing.
  const explanation = host.state.lock.held ? undefined : standing;
  const failed = host.state.failedUnits;
  const drift = host.verdict === "drifted" ? findDrift(host.state, null) : undefined;
  return [
    ...(explanation === undefined ? [] : [explanation]),
    ...(drift === undefined ? [] : [`${drift.seen}; changed ${drift.by}`]),
    ...(host.state.current === host.wanted || host.wanted === null
      ? []
      : [`wanted is ${shortSystem(host.wanted)}`]),
    ...(failed.length === 0 ? [] : [`failed units: ${failed.join(", ")}`]),
    ...(host.state.lock.held ? [atWork(host.state.lock)] : []),
  ];
}

function atWork({ owner }: HostState["lock"]): string {
  return owner === undefined
    ? "a deployment is under way"
    : `is being worked on by ${describeLockOwner(owner)}`;
}
