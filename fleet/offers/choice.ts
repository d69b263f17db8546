import { z } from "zod";
import type { InventoryHost } from "../inventory/inventory.ts";

/** What a host takes of Hetzner's offers. */
const hetznerChoiceSchema = z.strictObject({
  provider: z.literal("hetzner"),
  location: z.string(),
  serverType: z.string(),
  /** Stock image of the first boot. */
  image: z.string(),
});
export type HetznerChoice = z.infer<typeof hetznerChoiceSchema>;

/** What a host takes of Scaleway's offers. */
const scalewayChoiceSchema = z.strictObject({
  provider: z.literal("scaleway"),
  zone: z.string(),
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

/** undefined: no server is made for the host. */
export function choiceOf(host: InventoryHost): Choice | undefined {
  switch (host.provider) {
    case "hetzner": {
      const { provider, adopt, location, serverType, image } = host;
      return adopt === null ? { provider, location, serverType, image } : undefined;
    }
    case "scaleway": {
      const { provider, zone, instanceType, image } = host;
      return { provider, zone, instanceType, image: scalewayImageLabels[image] ?? image };
    }
    case "existing":
      return undefined;
  }
}

/** Whether a host still takes what its server was made with. The image only counts for the first boot. */
export function isSameChoice(wanted: Choice, before: Choice | undefined): boolean {
  if (before === undefined) return false;
  if (wanted.provider === "hetzner" && before.provider === "hetzner")
    return wanted.location === before.location && wanted.serverType === before.serverType;
  if (wanted.provider === "scaleway" && before.provider === "scaleway")
    return wanted.zone === before.zone && wanted.instanceType === before.instanceType;
  return false;
}
