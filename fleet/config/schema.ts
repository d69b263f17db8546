import { z } from "zod";
import { publicKeySchema } from "../protocol/connection.ts";
import { goalSchema } from "../protocol/deploy.ts";
import { deployDeadlines, installDeadlines } from "./deadlines.ts";
import { hetznerImages, hetznerLocations } from "./hetzner-names.ts";

/** RFC 1123 label, short enough for every name we derive from it (63 bytes with the longest suffix). */
export const hostNamePattern = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;
/** Name of a host. */
export const hostName = z
  .string()
  .regex(hostNamePattern, "must be 1 to 40 of a-z, 0-9 and -, start with a letter and not end with -");

const tag = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be of a-z, 0-9 and -, at most 63 long");

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

const cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: "must be a network such as 203.0.113.7/32 or 2001:db8::/64",
});

/** Labels of Hetzner Cloud: key [prefix/]name, value up to 63 (docs.hetzner.cloud, Labels). */
const labels = z.record(
  z
    .string()
    .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, "is no label key"),
  z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, "is no label value"),
);

const firewall = z.strictObject({ tcp: z.array(portRange).default([]), udp: z.array(portRange).default([]) });

/** Settings a host, a tag's defaults or the stack's defaults may give. */
export const hostSettings = z.strictObject({
  provider: z.enum(["hetzner"]).optional(),
  location: z.enum(hetznerLocations).optional(),
  serverType: z
    .string()
    .regex(/^[a-z]{2,4}\d{1,3}$/, "is no Hetzner server type such as cx23, cax11 or ccx13")
    .optional(),
  image: z.enum(hetznerImages).optional(),
  ipv4: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  labels: labels.optional(),
  backups: z.boolean().optional(),
  /** Hetzner's own delete and rebuild protection. */
  deleteProtection: z.boolean().optional(),
  /** Pulumi's protection of server, addresses and identity. */
  protect: z.boolean().optional(),
  firewall: firewall.optional(),
  /** Flake reference with an optional attribute: `./hosts#web`. */
  flake: z.string().min(1).optional(),
  goal: goalSchema.exclude(["dry-activate"]).optional(),
  /** kexec tarball for nixos-anywhere: path or https URL. */
  kexec: z.string().min(1).optional(),
});

export type HostSettings = z.infer<typeof hostSettings>;

/** One host as written under `fleet:hosts`. */
export const hostSchema = hostSettings.extend({
  tags: z.array(tag).default([]),
  formerly: z.array(hostName).default([]),
  /** A closure that exists already, instead of a flake. */
  system: z
    .string()
    .regex(/^\/nix\/store\/[a-z0-9]{32}-[A-Za-z0-9+._?=-]+$/, "must be a store path /nix/store/…")
    .optional(),
  /** Changing it reinstalls the host: all its data is lost. */
  reinstall: z.union([z.string(), z.number()]).transform(String).optional(),
  /** Allows an install over foreign data; must be the host's own name. */
  wipe: hostName.optional(),
});
export type HostConfig = z.infer<typeof hostSchema>;

/** Everything under the `fleet:` namespace of a stack's configuration. */
export const configurationSchema = z.strictObject({
  hosts: z
    .record(z.string(), hostSchema, { error: "must map host names to their settings" })
    .refine((hosts) => Object.keys(hosts).length > 0, "must name at least one host"),
  defaults: hostSettings.prefault({}),
  ssh: z
    .strictObject({
      /** Networks that may reach SSH through the cloud's firewall. */
      sources: z
        .array(cidr)
        .min(1, "must name at least one network: nobody could log in")
        .default(["0.0.0.0/0", "::/0"]),
      /** Keys of people, beside the stack's deploy key. */
      authorizedKeys: z.array(publicKeySchema).default([]),
      port: z.number().int().min(1).max(65535).default(22),
      user: z.string().min(1).default("root"),
    })
    .prefault({}),
  deadlines: z.strictObject({ install: installDeadlines, deploy: deployDeadlines }).prefault({}),
});
export type FleetConfiguration = z.infer<typeof configurationSchema>;
