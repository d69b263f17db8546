import * as pulumi from "@pulumi/pulumi";
import { hetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import { scalewayAccess } from "../../model/config/credentials/scaleway-access.ts";
import { parseConfiguration } from "../../model/config/parse.ts";
import { ConfigurationError } from "../../model/errors/config-error.ts";
import { buildInventory, type Inventory } from "../../model/inventory/inventory.ts";
import type { OwnState } from "../state/current-state.ts";
import { readAdoptedServers } from "./adopted-servers.ts";
import { withLocations } from "./choose-locations.ts";
import { attributeFaults } from "./flake-attributes.ts";
import { balancerOfferFaults } from "./load-balancer-catalog.ts";
import { stackSecrecy } from "./plaintext-secrets.ts";
import { offerFaults } from "./server-catalog.ts";
import { shrunkVolumes } from "./shrunk-volumes.ts";

/**
 * Reads and checks the whole configuration of the stack, what flakes and clouds have included, before any resource is registered.
 * @throws pulumi.RunError naming every fault at once, which Pulumi prints without a stack trace
 */
export async function readInventory(
  folders: { readonly projectRoot: string; readonly cacheRoot: string },
  state: OwnState,
): Promise<Inventory> {
  try {
    const secrecy = stackSecrecy(folders.projectRoot);
    const configuration = parseConfiguration(pulumi.runtime.allConfig(), process.env, secrecy);
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    const hetzner = hetznerCredentials(pulumi.runtime.allConfig(), process.env);
    const scaleway = scalewayAccess(pulumi.runtime.allConfig(), process.env);
    const placed = await withLocations(buildInventory(configuration), state, { hetzner, scaleway });
    const adopted = await readAdoptedServers(placed, stack, hetzner);
    const later = await Promise.all([
      attributeFaults(adopted.inventory, folders),
      offerFaults(adopted.inventory, { cacheRoot: folders.cacheRoot, state, hetzner, scaleway }),
      balancerOfferFaults(adopted.inventory, { cacheRoot: folders.cacheRoot, hetzner }),
      shrunkVolumes(adopted.inventory, state),
    ]);
    const faults = [...new Set([...adopted.faults, ...later.flat()])];
    if (faults.length > 0) throw new ConfigurationError(faults);
    return adopted.inventory;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
