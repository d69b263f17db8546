import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { chooseLocation } from "../../model/cloud-catalog/choose-location.ts";
import type { HetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import type { ScalewayCredentials } from "../../model/config/credentials/scaleway.ts";
import { ConfigurationError } from "../../model/errors/config-error.ts";
import type { HetznerHost, Inventory, InventoryHost, ScalewayHost } from "../../model/inventory/inventory.ts";
import { HostNames } from "../../model/naming/host-names.ts";
import { hetznerAvailability } from "../../runtime/cloud/hetzner/availability.ts";
import { scalewayAvailability } from "../../runtime/cloud/scaleway/availability.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import type { RecordedHost } from "../../runtime/pulumi/recorded-state.ts";
import type { StateReader } from "../state/current-state.ts";

const requestTimeoutSeconds = 20;

/** Who is asked what there is, and with which credentials. */
export interface CloudCredentials {
  readonly hetzner: HetznerCredentials | undefined;
  readonly scaleway: ScalewayCredentials | undefined;
}

/** A host whose server may be in several locations. */
type OpenHost = HetznerHost | ScalewayHost;

/** Locations that have a type of server now, by the type; undefined: unknown. */
type Availability = ReadonlyMap<string, readonly string[]> | undefined;

/**
 * Chooses locations for the servers of hosts that may be in several locations or zones, before anything is registered: by the state, and
 * for those that have no server yet by what their cloud has at the moment. With no such host nothing is read or asked.
 * @throws ConfigurationError if the state, which says where servers are, cannot be read
 */
export async function resolveLocations(
  inventory: Inventory,
  state: StateReader,
  clouds: CloudCredentials,
): Promise<Inventory> {
  const open = inventory.hosts.filter(isOpen);
  if (open.length === 0) return inventory;
  const recorded = await state();
  if (typeof recorded === "string")
    throw new ConfigurationError(
      open.map(({ name, provider }) => ({
        path: `fleet:hosts.${name}.${provider === "hetzner" ? "locations" : "zones"}`,
        reason: `cannot be decided: the state does not show where the server is: ${recorded}`,
      })),
    );
  const known = new Map(open.map((host) => [host.name, recorded.host(new HostNames(host))] as const));
  const unplaced = open.filter(({ name }) => {
    const record = known.get(name);
    return record !== undefined && record.serverLocation === undefined && !record.installed;
  });
  const available = await availabilityFor(unplaced, clouds);
  const hosts = await Promise.all(
    inventory.hosts.map(async (host): Promise<InventoryHost> => {
      const record = known.get(host.name);
      if (!isOpen(host) || record === undefined) return host;
      return await placed(host, record, available[host.provider]?.get(typeOf(host)));
    }),
  );
  return { ...inventory, hosts };
}

async function placed(
  host: OpenHost,
  { serverLocation, addressLocation, installed }: RecordedHost,
  available: readonly string[] | undefined,
): Promise<OpenHost> {
  const choice = chooseLocation({
    allowed: allowedPlaces(host),
    server: serverLocation,
    addresses: addressLocation,
    installed,
    available,
  });
  if (choice.given !== null)
    await pulumi.log.warn(
      `${host.name}: its server was not made in ${choice.given}; ${choice.location} is tried now, with other addresses`,
    );
  const { location, locationFixed } = choice;
  return host.provider === "hetzner"
    ? { ...host, location, locationFixed }
    : { ...host, zone: location, locationFixed };
}

function isOpen(host: InventoryHost): host is OpenHost {
  switch (host.provider) {
    case "hetzner":
      return host.importServer === null && host.allowedLocations.length > 1;
    case "scaleway":
      return host.allowedZones.length > 1;
    case "existing":
      return false;
  }
}

function allowedPlaces(host: OpenHost): readonly string[] {
  return host.provider === "hetzner" ? host.allowedLocations : host.allowedZones;
}

function typeOf(host: OpenHost): string {
  return host.provider === "hetzner" ? host.serverType : host.instanceType;
}

/** What the clouds of these hosts have. */
async function availabilityFor(
  hosts: readonly OpenHost[],
  { hetzner, scaleway }: CloudCredentials,
): Promise<Readonly<Record<OpenHost["provider"], Availability>>> {
  const zones = new Set(hosts.flatMap((host) => (host.provider === "scaleway" ? host.allowedZones : [])));
  const isAtHetzner = hosts.some(({ provider }) => provider === "hetzner");
  const limits = { timeoutSeconds: requestTimeoutSeconds };
  const [atHetzner, atScaleway] = await Promise.all([
    isAtHetzner && hetzner !== undefined
      ? answerOf("Hetzner", () => hetznerAvailability(hetzner, limits))
      : undefined,
    zones.size > 0 && scaleway !== undefined
      ? answerOf("Scaleway", () => scalewayAvailability(scaleway, [...zones], limits))
      : undefined,
  ]);
  return { hetzner: atHetzner, scaleway: atScaleway };
}

/** Without an answer the order of preference decides. */
async function answerOf(cloud: string, ask: () => Promise<Availability>): Promise<Availability> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StepError || error instanceof z.ZodError || error instanceof SyntaxError))
      throw error;
    const seen = error instanceof StepError ? error.failure.seen : "an answer of another shape";
    await pulumi.log.warn(`${cloud} could not be asked which servers it offers where: ${seen}`);
    return undefined;
  }
}
