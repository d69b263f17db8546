import type { HetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import type { ConfigError } from "../../model/errors/config-error.ts";
import type { HetznerHost, Inventory } from "../../model/inventory/inventory.ts";
import { stackLabels } from "../../model/naming/cloud-labels.ts";
import { ApiError, type ApiServer, HetznerApi } from "../../runtime/cloud/hetzner/api.ts";
import { StepError } from "../../runtime/platform/step-error.ts";

const requestTimeoutSeconds = 60;

/** An inventory that knows its imported servers as the cloud has them, and what is wrong with those that may not be imported. */
export interface ImportedServers {
  readonly inventory: Inventory;
  readonly errors: readonly ConfigError[];
}

/** Asks the cloud for every imported server, before anything is registered. Without such hosts nothing is asked. */
export async function readImportedServers(
  inventory: Inventory,
  stack: string,
  credentials: HetznerCredentials | undefined,
): Promise<ImportedServers> {
  const errors: ConfigError[] = [];
  const hosts = await Promise.all(
    inventory.hosts.map(async (host) => {
      if (host.provider !== "hetzner" || host.importServer === null || credentials === undefined) return host;
      const answer = await askFor(host, host.importServer, credentials);
      if ("reason" in answer) {
        errors.push(answer);
        return host;
      }
      errors.push(...ownerErrors(host, answer, stack));
      return fromApi(host, answer);
    }),
  );
  return { inventory: { ...inventory, hosts }, errors };
}

async function askFor(
  host: HetznerHost,
  id: string,
  credentials: HetznerCredentials,
): Promise<ApiServer | ConfigError> {
  try {
    return await new HetznerApi(credentials).server(id, { timeoutSeconds: requestTimeoutSeconds });
  } catch (error) {
    const path = `fleet:hosts.${host.name}.importServer`;
    if (error instanceof ApiError && error.code === "not_found")
      return { path, reason: `is the id of no server in the project that hcloud:token belongs to (${id})` };
    if (error instanceof StepError) return { path, reason: `cannot be looked up: ${error.failure.seen}` };
    throw error;
  }
}

/** Servers that a stack has created say so in their labels. */
function ownerErrors(host: HetznerHost, { labels }: ApiServer, stack: string): ConfigError[] {
  const owner = labels["fleet/stack"];
  if (owner === undefined) return [];
  const name = labels["fleet/host"] ?? "?";
  const path = `fleet:hosts.${host.name}.importServer`;
  if (owner !== stackLabels(stack)["fleet/stack"])
    return [{ path, reason: `is a server of another stack: ${name} of ${owner}` }];
  return [{ path, reason: `is a server of this stack already: it was created for host "${name}"` }];
}

function fromApi(host: HetznerHost, server: ApiServer): HetznerHost {
  return {
    ...host,
    location: server.location.name,
    serverType: server.server_type.name,
    image: server.image?.name ?? host.image,
    ipv4: server.public_net.ipv4 !== null,
    ipv6: server.public_net.ipv6 !== null,
  };
}
