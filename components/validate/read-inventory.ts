import * as pulumi from "@pulumi/pulumi";
import { hetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import { scalewayCredentials } from "../../model/config/credentials/scaleway.ts";
import { parseConfiguration } from "../../model/config/parse.ts";
import { ConfigurationError } from "../../model/errors/config-error.ts";
import { buildInventory, type Inventory } from "../../model/inventory/inventory.ts";
import type { StateReader } from "../state/current-state.ts";
import { resolveLocations } from "./choose-locations.ts";
import { attributeErrors, type ConfigurationLister } from "./flake-attributes.ts";
import { readImportedServers } from "./imported-servers.ts";
import { validateLoadBalancerTypes } from "./load-balancer-catalog.ts";
import { stackSecrecy } from "./plaintext-secrets.ts";
import { validateServerTypes } from "./server-catalog.ts";
import { shrunkVolumes } from "./shrunk-volumes.ts";

/** What a configuration is checked with. */
interface RunToValidate {
  readonly projectRoot: string;
  readonly cacheRoot: string;
  /** `project/stack` */
  readonly stack: string;
  readonly state: StateReader;
  /** undefined: there is no local Nix. */
  readonly localEvaluator: ConfigurationLister | undefined;
}

/**
 * Reads and checks the whole configuration of the stack, what flakes and clouds have included, before any resource is registered.
 * @throws pulumi.RunError naming every error at once, which Pulumi prints without a stack trace
 */
export async function readInventory(run: RunToValidate): Promise<Inventory> {
  try {
    const secrecy = stackSecrecy(run.projectRoot);
    const configuration = parseConfiguration(pulumi.runtime.allConfig(), process.env, secrecy);
    const hetzner = hetznerCredentials(pulumi.runtime.allConfig(), process.env);
    const scaleway = scalewayCredentials(pulumi.runtime.allConfig(), process.env);
    const placed = await resolveLocations(buildInventory(configuration), run.state, { hetzner, scaleway });
    const imported = await readImportedServers(placed, run.stack, hetzner);
    const later = await Promise.all([
      attributeErrors(imported.inventory, run.localEvaluator),
      validateServerTypes(imported.inventory, { ...run, hetzner, scaleway }),
      validateLoadBalancerTypes(imported.inventory, { ...run, hetzner }),
      shrunkVolumes(imported.inventory, run.state),
    ]);
    const errors = [...new Set([...imported.errors, ...later.flat()])];
    if (errors.length > 0) throw new ConfigurationError(errors);
    return imported.inventory;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
