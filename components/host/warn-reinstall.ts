import * as pulumi from "@pulumi/pulumi";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { layoutDevices } from "../../model/protocol/disk-layout.ts";
import type { RecordedInstall } from "../../runtime/pulumi/recorded-resources.ts";
import { outputValue } from "../shared/output-value.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";

/** A host whose reinstall is to be foreseen. */
interface ReinstallCandidate {
  readonly host: string;
  readonly reinstall: string | null;
  readonly recordedHosts: Pick<RecordedHosts, "find">;
}

/** A host's install in the state. Asked for only where a `reinstall` token is set: nothing else could lose data by it. */
export async function recordedInstall({
  host,
  reinstall,
  recordedHosts,
}: ReinstallCandidate): Promise<RecordedInstall | undefined> {
  if (reinstall === null) return undefined;
  const recorded = await recordedHosts.find(host);
  return typeof recorded === "string" ? undefined : recorded.install;
}

/**
 * Warns on `resource`'s line when this run will reinstall the host: Pulumi itself only shows a replaced command, which wipes nothing for
 * any other trigger. It waits for the host's system, so nothing that this one is evaluated with may wait for it.
 */
export async function warnReinstall(
  { host, reinstall, recordedHosts }: ReinstallCandidate,
  system: pulumi.Input<HostSystem>,
  resource: pulumi.Resource,
): Promise<void> {
  if (reinstall === null) return;
  const recorded = await recordedHosts.find(host);
  if (typeof recorded === "string")
    return await pulumi.log.warn(
      `cannot determine whether ${host} will be reinstalled and lose its data: ${recorded}`,
      resource,
    );
  const { install } = recorded;
  if (install === undefined || install.reinstall === reinstall) return;
  const disks = await disksOf(system);
  const was = install.reinstall === null ? "none" : JSON.stringify(install.reinstall);
  await pulumi.log.warn(
    `${host} will be reinstalled (reinstall: ${was} → ${JSON.stringify(reinstall)}): all data on ${disks} is lost`,
    resource,
  );
}

async function disksOf(system: pulumi.Input<HostSystem>): Promise<string> {
  const known = await outputValue(pulumi.output(system));
  const devices = known.known ? layoutDevices(known.value.diskLayout) : [];
  return devices.length === 0 ? "its disks" : devices.join(", ");
}
