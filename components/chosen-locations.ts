import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { hetznerAvailability } from "../engine/cloud/hetzner-availability.ts";
import { type PlacesOnRecord, readPlaces } from "../engine/stack/places.ts";
import { StepError } from "../engine/step-error.ts";
import { ConfigurationError } from "../fleet/config/fault.ts";
import type { HetznerCredentials } from "../fleet/config/hetzner-credentials.ts";
import type { HetznerHost, Inventory, InventoryHost } from "../fleet/inventory/inventory.ts";
import { formerResourceNames, type Part, parts, resourceName } from "../fleet/names.ts";
import { chooseLocation, type LocationQuestion } from "../fleet/offers/location.ts";
import { ownStack } from "./own-stack.ts";

const askSeconds = 20;

/**
 * Chooses where the servers of hosts stand that may stand in several locations, before anything is registered: by the state, and for
 * those that have no server yet by what Hetzner has at the moment. With no such host nothing is read or asked.
 * @throws ConfigurationError if the state, which says where servers stand, cannot be read
 */
export async function withLocations(
  inventory: Inventory,
  projectRoot: string,
  credentials: HetznerCredentials | undefined,
): Promise<Inventory> {
  const open = inventory.hosts.filter(isOpen);
  if (open.length === 0) return inventory;
  const places = await readPlaces(ownStack(projectRoot));
  if (typeof places === "string")
    throw new ConfigurationError(
      open.map(({ name }) => ({
        path: `fleet:hosts.${name}.locations`,
        reason: `cannot be chosen among while the state does not tell where the server stands: ${places}`,
      })),
    );
  const known = new Map(open.map((host) => [host.name, onRecord(host, places)] as const));
  const isNew = [...known.values()].some(({ server, installed }) => server === undefined && !installed);
  const available = isNew ? await availability(credentials) : undefined;
  const hosts = await Promise.all(
    inventory.hosts.map(async (host): Promise<InventoryHost> => {
      const record = known.get(host.name);
      if (!isOpen(host) || record === undefined) return host;
      const { allowedLocations: allowed, serverType } = host;
      const choice = chooseLocation({ allowed, ...record, available: available?.get(serverType) });
      if (choice.given !== null)
        await pulumi.log.warn(
          `${host.name}: its server was not made in ${choice.given}; ${choice.location} is tried now, with other addresses`,
        );
      return { ...host, location: choice.location, settled: choice.settled };
    }),
  );
  return { ...inventory, hosts };
}

function isOpen(host: InventoryHost): host is HetznerHost {
  return host.provider === "hetzner" && host.adopt === null && host.allowedLocations.length > 1;
}

function onRecord(
  { name, formerly }: HetznerHost,
  { servers, addresses, installs }: PlacesOnRecord,
): Pick<LocationQuestion, "server" | "addresses" | "installed"> {
  const namesOf = (part: Part) => [resourceName(name, part), ...formerResourceNames(formerly, part)];
  const find = (found: ReadonlyMap<string, string>, ...of: Part[]) =>
    of
      .flatMap(namesOf)
      .map((each) => found.get(each))
      .find((location) => location !== undefined);
  return {
    server: find(servers, parts.instance),
    addresses: find(addresses, parts.ipv4, parts.ipv6),
    installed: namesOf(parts.installRun).some((each) => installs.has(each)),
  };
}

/** Without an answer the order of preference decides. */
async function availability(
  credentials: HetznerCredentials | undefined,
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  if (credentials === undefined) return undefined;
  try {
    return await hetznerAvailability(credentials, { seconds: askSeconds });
  } catch (error) {
    if (!(error instanceof StepError || error instanceof z.ZodError || error instanceof SyntaxError))
      throw error;
    const seen = error instanceof StepError ? error.failure.seen : "an answer of another shape";
    await pulumi.log.warn(`Hetzner could not be asked which locations have what servers: ${seen}`);
    return undefined;
  }
}
