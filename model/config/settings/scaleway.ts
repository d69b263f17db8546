import { z } from "zod";
import { allowedPlaces, hetznerSettings } from "./hetzner.ts";
import { scalewayZones } from "./scaleway-names.ts";

const diskReason = "must be a whole number of gigabytes within 10-10000";

/** Settings of a Scaleway Instance. Those that Hetzner's servers have as well mean the same here. */
export const scalewaySettings = hetznerSettings
  .pick({
    image: true,
    ipv4: true,
    ipv6: true,
    deleteProtection: true,
    firewall: true,
    placementGroup: true,
    volumes: true,
  })
  .extend({
    zone: z.enum(scalewayZones).optional(),
    /** Where the instance may be, in order of preference. */
    zones: allowedPlaces(scalewayZones).optional(),
    /** Commercial type. */
    instanceType: z
      .string()
      .regex(
        /^[A-Z]+\d?(-[A-Z0-9]+)+$/,
        "is not a valid Scaleway type, such as DEV1-M, PLAY2-NANO or BASIC3-X2C-4G",
      )
      .optional(),
    /** Size of the root volume in GB; it can only grow. */
    rootVolume: z.number().int(diskReason).min(10, diskReason).max(10_000, diskReason).optional(),
  });
