import type { Inventory, InventoryHost } from "../../model/inventory/inventory.ts";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { readConfiguredInventory } from "../../runtime/pulumi/configured-inventory.ts";
import type { StackSelection } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";

/**
 * Lists the hosts that the stack's file defines, with every pattern, count and default applied. Asks neither them nor the state.
 * @returns 0
 */
export async function listConfiguredHosts(
  selection: StackSelection,
  selectors: readonly string[],
  view: View,
): Promise<number> {
  const inventory = await readConfiguredInventory(selection);
  const byName = Object.fromEntries(inventory.hosts.map((host) => [host.name, host]));
  const chosen = chooseHosts({ hosts: byName }, selectors).flatMap((name) => byName[name] ?? []);
  const hosts = Object.fromEntries(chosen.map((host) => [host.name, host]));
  print(view, hosts, () => configuredHostsTable(chosen, inventory.rollout));
  return 0;
}

/** One row a host. */
export function configuredHostsTable(
  hosts: readonly InventoryHost[],
  { waves }: Inventory["rollout"],
): string {
  const waveOf = (name: string) => waves.find((wave) => wave.hosts.includes(name))?.name ?? "";
  const rows = hosts.map((host) => [
    host.name,
    host.provider,
    machineOf(host),
    sourceOf(host),
    host.tags.join(", "),
    waves.length > 1 ? waveOf(host.name) : "",
  ]);
  return textTable(["host", "provider", "machine", "system", "tags", "wave"], rows);
}

function machineOf(host: InventoryHost): string {
  switch (host.provider) {
    case "hetzner":
      return host.importServer === null
        ? `${host.serverType} in ${host.location}`
        : `server ${host.importServer}`;
    case "scaleway":
      return `${host.instanceType} in ${host.zone}`;
    case "existing":
      return host.login.port === 22 ? host.address : `${host.address} port ${host.login.port}`;
  }
}

function sourceOf({ source }: InventoryHost): string {
  return source.kind === "flake" ? `${source.flake}#${source.attribute}` : shortSystem(source.path);
}
