import type * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import type { Connection } from "../../model/protocol/connection.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import type { Identity } from "../identity/identity.ts";
import type { PrivateNetworks } from "../network/private-networks.ts";
import type { PlacementGroups } from "../placement/placement-groups.ts";
import type { PreviewContext } from "../preview/host-preview.ts";
import type { Server } from "../server/server.ts";
import type { ConcurrencyLimit } from "../shared/concurrency-limit.ts";
import type { Secrets } from "../shared/secrets.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";
import type { EvaluationContext } from "./host-system.ts";
import type { NixosInstall } from "./nixos-install.ts";

/** What other hosts need of a registered one. */
export interface RegisteredHost {
  readonly identity: Identity;
  readonly server: Server;
  readonly connection: pulumi.Output<Connection>;
  readonly install: NixosInstall;
}

/** What all hosts of a stack share. Functions ask for the members they need. */
export interface HostContext extends EvaluationContext {
  /** `project/stack`: who owns the hosts. */
  readonly stack: string;
  readonly inventory: Inventory;
  readonly recordedHosts: RecordedHosts;
  readonly deployKey: DeployKey;
  readonly networks: PrivateNetworks;
  readonly placements: PlacementGroups;
  /** Values of the secrets that hosts name. */
  readonly secrets: Secrets;
  /** Hosts that are registered already: those that others need come first (`inOrder`). */
  readonly registered: ReadonlyMap<string, RegisteredHost>;
  readonly preview: PreviewContext;
  /** Folder of Pulumi.yaml: relative flake references start here. */
  readonly projectRoot: string;
  /** Limits how many deployments run at once; absent: Pulumi does. */
  readonly deploymentLimit?: ConcurrencyLimit;
  /** What a host's deployment waits for in addition to its install: the gate of the wave before. */
  readonly after?: (host: string) => Promise<readonly pulumi.CustomResource[]>;
}
