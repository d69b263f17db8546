import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { parts, previousResourceNames, resourceName } from "../../model/naming/resource-names.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { layoutDevices } from "../../model/protocol/disk-layout.ts";
import { installsOf, type RecordedInstall } from "../../runtime/pulumi/state/installs.ts";
import { outputValue } from "../shared/output-value.ts";
import type { StateReader } from "./current-state.ts";

/** Installs the state knows, by resource name; a text says why it cannot be read; null: nobody has to know. */
export type RecordedInstalls = Promise<ReadonlyMap<string, RecordedInstall> | string | null>;

/** Reads the state only where a host has a `reinstall` token: nothing else could lose data by it. */
export async function installsOnRecord(inventory: Inventory, state: StateReader): RecordedInstalls {
  if (inventory.hosts.every(({ reinstall }) => reinstall === null)) return null;
  return await state(installsOf);
}

/** A host whose reinstall is to be foreseen. */
export interface ReinstallCandidate {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly reinstall: string | null;
  readonly system: pulumi.Input<HostSystem>;
}

/** A host's install in the state; undefined where the host was never installed, or nobody asked. */
export async function installOnRecord(
  { name, aliases, reinstall }: Pick<ReinstallCandidate, "name" | "aliases" | "reinstall">,
  records: RecordedInstalls,
): Promise<RecordedInstall | undefined> {
  const installs = await records;
  if (installs === null || typeof installs === "string" || reinstall === null) return undefined;
  const names = [resourceName(name, parts.installRun), ...previousResourceNames(aliases, parts.installRun)];
  return names.map((each) => installs.get(each)).find((found) => found !== undefined);
}

/**
 * Warns on `resource`'s line when this run will reinstall the host: Pulumi itself only shows a replaced command, which wipes nothing for
 * any other trigger. It waits for the host's system, so nothing that this one is evaluated with may wait for it.
 */
export async function warnReinstall(
  host: ReinstallCandidate,
  records: RecordedInstalls,
  resource: pulumi.Resource,
): Promise<void> {
  const installs = await records;
  if (host.reinstall === null) return;
  if (typeof installs === "string")
    return await pulumi.log.warn(
      `whether ${host.name} will be reinstalled, and lose its data, cannot be told: ${installs}`,
      resource,
    );
  const record = await installOnRecord(host, records);
  if (record === undefined || record.reinstall === host.reinstall) return;
  const disks = await disksOf(host.system);
  const was = record.reinstall === null ? "none" : JSON.stringify(record.reinstall);
  await pulumi.log.warn(
    `${host.name} will be reinstalled (reinstall: ${was} → ${JSON.stringify(host.reinstall)}): all data on ${disks} is lost`,
    resource,
  );
}

async function disksOf(system: pulumi.Input<HostSystem>): Promise<string> {
  const known = await outputValue(pulumi.output(system));
  const devices = known.known ? layoutDevices(known.value.diskLayout) : [];
  return devices.length === 0 ? "its disks" : devices.join(", ");
}
