import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { HostNames } from "../../model/naming/host-names.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import { type PlacementGroups, placementOf } from "../placement/placement-groups.ts";
import type { HostKeyScanArgs } from "../server/host-key-scan.ts";
import type { HostContext } from "./context.ts";
import type { JumpPath } from "./jump-path.ts";

/** What the server of a host is made of. */
export interface ServerContext
  extends Pick<HostContext, "stack" | "inventory" | "deployKey" | "networks" | "placements"> {
  readonly names: HostNames;
  /** Machines that are passed to reach it. */
  readonly jumpPath: JumpPath;
  /** The host's component. */
  readonly parent: pulumi.Resource;
}

/** How a machine is come near to that is asked for its key. */
export function sshAccess(
  host: InventoryHost,
  { privateKey }: DeployKey,
  jumpPath: JumpPath,
): Pick<HostKeyScanArgs, "through" | "after"> {
  const through = host.jump.length === 0 ? null : pulumi.output({ jump: jumpPath.hops, privateKey });
  return { through, after: jumpPath.ready };
}

export function placementGroupId(
  host: InventoryHost,
  placements: PlacementGroups,
): pulumi.Output<string> | null {
  const group = placementOf(host);
  if (group === null) return null;
  const found = placements.get(group);
  if (found === undefined) throw new Error(`host "${host.name}" is in a placement group that was not made`);
  return found.groupId;
}

export function foreignNetwork({ name }: InventoryHost, network: string): Error {
  return new Error(
    `host "${name}" is in network "${network}", which its provider does not have; the configuration should have been refused`,
  );
}
