import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { pendingIn } from "../../runtime/pulumi/state/pending-deployments.ts";
import type { StateReader } from "./current-state.ts";

/** Hosts whose last deployment is pending, by their names in the state; null: no host can have one. */
export type PendingDeployments = Promise<ReadonlySet<string> | null>;

/** Reads the state only where a host may be away. */
export async function pendingOnRecord(inventory: Inventory, state: StateReader): PendingDeployments {
  if (inventory.hosts.every(({ optional }) => !optional)) return null;
  const pending = await state(pendingIn);
  if (typeof pending !== "string") return pending;
  await pulumi.log.warn(`whether deployments of optional hosts are pending cannot be told: ${pending}`);
  return null;
}
