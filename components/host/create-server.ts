import type * as pulumi from "@pulumi/pulumi";
import type { ExistingHost, InventoryHost } from "../../model/inventory/inventory.ts";
import { Identity } from "../identity/identity.ts";
import { ExistingServer } from "../server/existing-server.ts";
import type { Server } from "../server/server.ts";
import { hetznerServer, importedServer } from "./hetzner-server.ts";
import { scalewayServer } from "./scaleway-server.ts";
import { type ServerContext, sshAccess } from "./server-context.ts";

/** What a host runs on, and by what it is known. */
export interface Machine {
  readonly identity: Identity;
  readonly server: Server;
}

/** Makes the server of a host, takes one over, or names the one there is; and the keys it is known by. */
export function createServer(host: InventoryHost, context: ServerContext): Machine {
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

/** Only a rescue system is entered without knowing the machine's key, and whoever comes from there gets a key of ours. */
function knownKey(host: string, key: pulumi.Output<string | null>): pulumi.Output<string> {
  return key.apply((known) => {
    if (known === null) throw new Error(`host "${host}" keeps a host key that nobody knows`);
    return known;
  });
}

function existingServer(
  host: ExistingHost,
  { inventory, deployKey, jumpPath, names, parent }: ServerContext,
): ExistingServer {
  return new ExistingServer(
    names,
    {
      address: host.address,
      port: host.login.port,
      ...sshAccess(host, deployKey, jumpPath),
      machineKey: host.machineKey,
      contactSeconds: inventory.deadlines.install.contact,
    },
    { parent },
  );
}

function unknownProvider(host: never): never {
  throw new Error(`a host of an unknown provider has no server component: ${JSON.stringify(host)}`);
}
