import { shortSystem } from "../../model/naming/short-system-name.ts";
import {
  readStackOutputs,
  type StackOutputs,
  type StackSelection,
  unfinishedLines,
} from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";

/**
 * Lists hosts of a stack as its state knows them; asks none of them.
 * @returns 0
 */
export async function listHosts(
  selection: StackSelection,
  selectors: readonly string[],
  view: View,
): Promise<number> {
  const outputs = await readStackOutputs(selection);
  const names = chooseHosts(outputs, selectors);
  const hosts = Object.fromEntries(names.flatMap((name) => entryOf(outputs, name)));
  const rest = selectors.length === 0 ? unfinishedLines(outputs) : [];
  print(view, hosts, () => [hostsTable(hosts), ...rest].join("\n"));
  return 0;
}

function entryOf({ hosts }: StackOutputs, name: string): [string, StackOutputs["hosts"][string]][] {
  const host = hosts[name];
  return host === undefined ? [] : [[name, host]];
}

/** One row a host. */
export function hostsTable(hosts: StackOutputs["hosts"]): string {
  const rows = Object.entries(hosts).map(([name, { provider, address, user, port, tags, wave, system }]) => [
    name,
    provider,
    port === 22 ? address : `${address} port ${port}`,
    user,
    tags.join(", "),
    wave ?? "",
    shortSystem(system),
  ]);
  return textTable(["host", "provider", "address", "user", "tags", "wave", "wanted system"], rows);
}
