import { z } from "zod";
import { hetznerImages, hetznerLocations } from "./hetzner-names.ts";
import { shortName } from "./network.ts";

const sizeReason = "must be a whole number of gigabytes within 10-10000";

/** Volumes that outlive the server: name → what it is. */
const volumeSettings = z.record(
  shortName,
  z.strictObject({
    /** GB; it can only grow. */
    size: z.number(sizeReason).int(sizeReason).min(10, sizeReason).max(10_000, sizeReason),
  }),
  {
    error: ({ code }) =>
      code === "invalid_type" ? "must map names of volumes to their settings" : undefined,
  },
);

const portReason = 'must be a port (80) or an upward range ("8000-8010") within 1-65535';
const portRange = z.union(
  [
    z.number().int(portReason).min(1, portReason).max(65535, portReason),
    z.string().refine(isPortOrRange, portReason),
  ],
  { error: portReason },
);

function isPortOrRange(text: string): boolean {
  if (!/^\d{1,5}(-\d{1,5})?$/.test(text)) return false;
  const [from = 0, to = from] = text.split("-").map(Number);
  return from >= 1 && to <= 65535 && (from < to || !text.includes("-"));
}

/** Labels of Hetzner Cloud: key [prefix/]name, value up to 63 (docs.hetzner.cloud, Labels). */
const labels = z.record(
  z
    .string()
    .regex(
      /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
      "is not a valid label key",
    ),
  z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, "is not a valid label value"),
);

const firewall = z.strictObject({
  tcp: z.array(portRange).default([]),
  udp: z.array(portRange).default([]),
  /** Opens what the host's NixOS configuration opens, too. */
  fromNixos: z.boolean().optional(),
  /** Its interface that faces the internet: ports opened on it alone are opened as well. */
  publicInterface: z
    .string()
    .regex(/^[^\s/]{1,15}$/, "is not a valid name of a network interface")
    .optional(),
});

/** Locations a server may be created in: at least one, each once. */
export function allowedPlaces<const Names extends readonly string[]>(names: Names) {
  return z
    .array(z.enum(names))
    .min(1, "must name at least one")
    .refine((given) => new Set(given).size === given.length, "names one of them twice");
}

/** Settings that only a Hetzner Cloud server has. */
export const hetznerSettings = z.strictObject({
  location: z.enum(hetznerLocations).optional(),
  /** Where the server may be, in order of preference. */
  locations: allowedPlaces(hetznerLocations).optional(),
  serverType: z
    .string()
    .regex(/^[a-z]{2,4}\d{1,3}$/, "is not a valid Hetzner server type, such as cx23, cax11 or ccx13")
    .optional(),
  image: z.enum(hetznerImages).optional(),
  ipv4: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  labels: labels.optional(),
  backups: z.boolean().optional(),
  /** Hetzner's own delete and rebuild protection. */
  deleteProtection: z.boolean().optional(),
  firewall: firewall.optional(),
  /** Servers of a group run on different hardware. */
  placementGroup: shortName.optional(),
  volumes: volumeSettings.optional(),
});
