import * as pulumi from "@pulumi/pulumi";
import type { ExistingHost, InventoryHost } from "../../model/inventory/inventory.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import { Identity } from "../identity/identity.ts";
import { type PlacementGroups, placementOf } from "../placement/placement-groups.ts";
import { ExistingServer } from "../server/existing-server.ts";
import type { Server } from "../server/server.ts";
import type { HostContext } from "./context.ts";
import { hetznerServer, importedServer } from "./hetzner-server.ts";
import type { JumpPath } from "./jump-path.ts";
import { scalewayServer } from "./scaleway-server.ts";
import type { ServerContext } from "./server-context.ts";

/** What a host runs on, and by what it is known. */
export interface Machine {
  readonly identity: Identity;
  readonly server: Server;
}

/** The machines that are passed to reach it, and its component. */
interface HostParts extends Pick<ServerContext, "names" | "parent"> {
  readonly jumpPath: JumpPath;
}

/** Makes the server of a host, takes one over, or names the one there is; and the keys it is known by. */
export function createServer(
  host: InventoryHost,
  run: Pick<HostContext, "stack" | "inventory" | "deployKey" | "networks" | "placements">,
  { names, jumpPath, parent }: HostParts,
): Machine {
  const { stack, inventory, deployKey, networks } = run;
  const context: ServerContext = {
    stack,
    inventory,
    deployKey,
    networks,
    names,
    placementGroupId: placementGroupId(host, run.placements),
    sshAccess: sshAccess(host, deployKey, jumpPath),
    parent,
  };
  switch (host.provider) {
    case "hetzner": {
      if (host.importServer !== null)
        return externalServer(host, importedServer(host, host.importServer, context), context);
      const identity = newIdentity(host, null, context);
      return { identity, server: hetznerServer(host, identity.makeBootstrapKey(), context) };
    }
    case "scaleway": {
      const identity = newIdentity(host, null, context);
      return { identity, server: scalewayServer(host, identity.makeBootstrapKey(), context) };
    }
    case "existing":
      return externalServer(host, existingServer(host, context), context);
    default:
      return unknownProvider(host);
  }
}

/** A machine that others made may keep its host key. */
function externalServer(host: InventoryHost, server: Server, context: ServerContext): Machine {
  const keptKey = host.bootstrap === "none" ? knownKey(host.name, server.bootstrapHostKey) : null;
  return { identity: newIdentity(host, keptKey, context), server };
}

function newIdentity(
  { protect }: InventoryHost,
  keptKey: pulumi.Output<string> | null,
  { names, parent }: ServerContext,
): Identity {
  return new Identity(names, { protect, keptKey }, { parent });
}

/** Only a rescue system is entered without knowing the machine's key, and a machine installed from there gets a key of ours. */
function knownKey(host: string, key: pulumi.Output<string | null>): pulumi.Output<string> {
  return key.apply((known) => {
    if (known === null) throw new Error(`the host key that host "${host}" keeps is unknown`);
    return known;
  });
}

function existingServer(
  { address, login, machineKey }: ExistingHost,
  { inventory, sshAccess, names, parent }: ServerContext,
): ExistingServer {
  const contactSeconds = inventory.deadlines.install.contact;
  return new ExistingServer(
    names,
    { address, port: login.port, ...sshAccess, machineKey, contactSeconds },
    { parent },
  );
}

function sshAccess(
  host: InventoryHost,
  { privateKey }: DeployKey,
  jumpPath: JumpPath,
): ServerContext["sshAccess"] {
  const through = host.jump.length === 0 ? null : pulumi.output({ jump: jumpPath.hops, privateKey });
  return { through, after: jumpPath.ready };
}

function placementGroupId(host: InventoryHost, placements: PlacementGroups): pulumi.Output<string> | null {
  const group = placementOf(host);
  if (group === null) return null;
  const found = placements.get(group);
  if (found === undefined) throw new Error(`host "${host.name}" is in a placement group that was not made`);
  return found.groupId;
}

function unknownProvider(host: never): never {
  throw new Error(`a host of an unknown provider has no server component: ${JSON.stringify(host)}`);
}
