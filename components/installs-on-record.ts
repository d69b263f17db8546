import * as pulumi from "@pulumi/pulumi";
import { type InstallOnRecord, readInstalls } from "../engine/stack/installs.ts";
import { layoutDevices } from "../fleet/disk-layout.ts";
import type { Inventory } from "../fleet/inventory/inventory.ts";
import { formerResourceNames, parts, resourceName } from "../fleet/names.ts";
import type { HostSystem } from "../fleet/protocol/connection.ts";
import { whenKnown } from "./known.ts";

/** Installs the state knows, by resource name; a text says why it cannot be read; null: nobody has to know. */
export type InstallsOnRecord = Promise<ReadonlyMap<string, InstallOnRecord> | string | null>;

/** Reads the state once, and only where a host has a `reinstall` token: nothing else could lose data by it. */
export async function installsOnRecord(inventory: Inventory, projectRoot: string): InstallsOnRecord {
  if (inventory.hosts.every(({ reinstall }) => reinstall === null)) return null;
  const organization = pulumi.getOrganization();
  // Backends without organizations call theirs so, and take a name alone.
  const name = pulumi.getStack();
  const stack = organization === "organization" ? name : `${organization}/${pulumi.getProject()}/${name}`;
  return await readInstalls({ projectRoot, stack });
}

/** A host whose reinstall is to be foreseen. */
export interface ForeseenHost {
  readonly name: string;
  readonly formerly: readonly string[];
  readonly reinstall: string | null;
  readonly system: pulumi.Input<HostSystem>;
}

/**
 * Finds the host's install in the state, and warns on `resource`'s line when this run will reinstall the host: Pulumi itself only shows
 * a replaced command, which wipes nothing for any other trigger.
 * @returns undefined where the host was never installed, or nobody asked
 */
export async function foreseeReinstall(
  host: ForeseenHost,
  records: InstallsOnRecord,
  resource: pulumi.Resource,
): Promise<InstallOnRecord | undefined> {
  const installs = await records;
  if (installs === null || host.reinstall === null) return undefined;
  if (typeof installs === "string") {
    await pulumi.log.warn(
      `whether ${host.name} will be reinstalled, and lose its data, cannot be told: ${installs}`,
      resource,
    );
    return undefined;
  }
  const names = [
    resourceName(host.name, parts.installRun),
    ...formerResourceNames(host.formerly, parts.installRun),
  ];
  const record = names.map((name) => installs.get(name)).find((found) => found !== undefined);
  if (record === undefined || record.reinstall === host.reinstall) return record;
  const disks = await disksOf(host.system);
  const was = record.reinstall === null ? "none" : JSON.stringify(record.reinstall);
  await pulumi.log.warn(
    `${host.name} will be reinstalled (reinstall: ${was} → ${JSON.stringify(host.reinstall)}): all data on ${disks} is lost`,
    resource,
  );
  return record;
}

async function disksOf(system: pulumi.Input<HostSystem>): Promise<string> {
  const known = await whenKnown(pulumi.output(system));
  const devices = known.known ? layoutDevices(known.value.diskLayout) : [];
  return devices.length === 0 ? "its disks" : devices.join(", ");
}
