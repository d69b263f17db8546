import picocolors from "picocolors";
import { checkHosts, type HostCheck } from "../../runtime/operations/check/check.ts";
import { percentUsed, type Usage } from "../../runtime/operations/check/vitals.ts";
import {
  readStackOutputs,
  type StackSelection,
  sshTarget,
  unfinishedLines,
} from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { groupMessages } from "../io/grouped-lines.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";
import { duration } from "./status.ts";

const limits = { hostSeconds: 30, parallel: 16 };

/**
 * Checks hosts closely: system, units, disks, memory, load, clock.
 * @returns 0 if nothing is wrong with any of them, else 1
 */
export async function check(
  selection: StackSelection,
  selectors: readonly string[],
  view: View,
): Promise<number> {
  const outputs = await readStackOutputs(selection);
  const targets = chooseHosts(outputs, selectors).map((name) => ({
    target: sshTarget(outputs, name),
    wanted: outputs.hosts[name]?.system ?? null,
    allowUnreachable: outputs.hosts[name]?.allowUnreachable ?? false,
  }));
  const seen = await checkHosts(targets, { ...limits, signal: view.signal });
  const rest = selectors.length === 0 ? unfinishedLines(outputs) : [];
  print(view, seen, () => [checkTable(seen), ...rest].join("\n"));
  return seen.every(({ errors }) => errors.length === 0) && rest.length === 0 ? 0 : 1;
}

/** One row a host, and below them what is wrong. @internal */
export function checkTable(hosts: readonly HostCheck[]): string {
  const head = ["host", "state", "system", "up", "load", "memory free", "fullest disk"];
  const errors = hosts.flatMap(({ host, errors }) => errors.map((text) => ({ host, text })));
  return [textTable(head, hosts.map(row)), ...groupMessages(errors)].join("\n");
}

function row(seen: HostCheck): string[] {
  const well = seen.errors.length === 0;
  if (!seen.reachable) {
    const absence = well ? picocolors.yellow("away") : picocolors.red("unreachable");
    return [seen.host, absence, "", "", "", "", ""];
  }
  const state = well
    ? picocolors.green("ok")
    : picocolors.red(seen.errors.length === 1 ? "1 error" : `${seen.errors.length} errors`);
  const { memory, load, space } = seen.vitals;
  return [
    seen.host,
    state,
    seen.verdict,
    duration(seen.state.uptimeSeconds),
    `${load.minute} / ${load.processors}`,
    `${Math.floor((100 * memory.available) / memory.total)} %`,
    fullest(space),
  ];
}

function fullest(space: readonly Usage[]): string {
  const [worst] = [...space].sort((a, b) => percentUsed(b) - percentUsed(a));
  return worst === undefined ? "" : `${worst.mount} ${percentUsed(worst)} %`;
}
