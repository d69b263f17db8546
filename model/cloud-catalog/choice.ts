import { z } from "zod";
import type { InventoryHost } from "../inventory/inventory.ts";

/** What a host takes of Hetzner's offers. */
const hetznerChoiceSchema = z.strictObject({
  provider: z.literal("hetzner"),
  /** Where its server may be, in order of preference; of one that exists: where it is. */
  locations: z.array(z.string()).min(1),
  serverType: z.string(),
  /** Stock image of the first boot. */
  image: z.string(),
});
export type HetznerChoice = z.infer<typeof hetznerChoiceSchema>;

/** What a host takes of Scaleway's offers. */
const scalewayChoiceSchema = z.strictObject({
  provider: z.literal("scaleway"),
  /** As `locations`. */
  zones: z.array(z.string()).min(1),
  /** Commercial type. */
  instanceType: z.string(),
  /** Label of the stock image in the marketplace. */
  image: z.string(),
});
export type ScalewayChoice = z.infer<typeof scalewayChoiceSchema>;

export const choiceSchema = z.discriminatedUnion("provider", [hetznerChoiceSchema, scalewayChoiceSchema]);
/** What a host takes of its cloud's offers. */
export type Choice = z.infer<typeof choiceSchema>;

/** Labels of stock images in Scaleway's marketplace, by our names of them. */
export const scalewayImageLabels: Readonly<Record<string, string>> = {
  "debian-12": "debian_bookworm",
  "debian-13": "debian_trixie",
  "ubuntu-24.04": "ubuntu_noble",
};

/** undefined: no server is created for the host. */
export function choiceOf(host: InventoryHost): Choice | undefined {
  switch (host.provider) {
    case "hetzner": {
      const { provider, importServer, allowedLocations, serverType, image } = host;
      return importServer === null
        ? { provider, locations: [...allowedLocations], serverType, image }
        : undefined;
    }
    case "scaleway": {
      const { provider, allowedZones, instanceType, image } = host;
      return {
        provider,
        zones: [...allowedZones],
        instanceType,
        image: scalewayImageLabels[image] ?? image,
      };
    }
    case "existing":
      return undefined;
  }
}

/** Whether a host still takes what it took. The image only counts for the first boot. */
export function isSameChoice(wanted: Choice, before: Choice | undefined): boolean {
  return (
    before !== undefined &&
    typeOf(wanted) === typeOf(before) &&
    String(locationsOf(wanted)) === String(locationsOf(before))
  );
}

/** Whether a host still takes what its server was created with, in any of the locations it may be in. */
export function matchesExisting(wanted: Choice, made: Choice | undefined): boolean {
  return made !== undefined && typeOf(wanted) === typeOf(made) && isAtOneOf(made, locationsOf(wanted));
}

/** Whether a server is in one of the locations. */
export function isAtOneOf(made: Choice, places: readonly string[]): boolean {
  return locationsOf(made).some((place) => places.includes(place));
}

function locationsOf(choice: Choice): readonly string[] {
  return choice.provider === "hetzner" ? choice.locations : choice.zones;
}

/** Types of two clouds never have the same name. */
function typeOf(choice: Choice): string {
  return choice.provider === "hetzner" ? choice.serverType : choice.instanceType;
}
