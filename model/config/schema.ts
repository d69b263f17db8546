import { z } from "zod";
import { elevationTools, publicKeySchema } from "../protocol/connection.ts";
import { goalSchema, rebootPolicies } from "../protocol/deploy.ts";
import { driftModeSchema, previewModeSchema } from "../protocol/preview-modes.ts";
import { providers } from "./providers.ts";
import { buildSettings } from "./settings/build.ts";
import { cacheSettings } from "./settings/cache.ts";
import { cloudHostSettings } from "./settings/cloud-host.ts";
import { deployDeadlines, installDeadlines, previewDeadlines } from "./settings/deadlines.ts";
import { diskKeySettings } from "./settings/disk-keys.ts";
import { existingSettings } from "./settings/existing-machine.ts";
import { factsSchema } from "./settings/facts.ts";
import { generationsSettings } from "./settings/generations.ts";
import { drainSettings, healthSettings, preDeploySettings } from "./settings/health.ts";
import { hetznerSettings } from "./settings/hetzner.ts";
import { hostName } from "./settings/host-name.ts";
import { balancersSchema } from "./settings/load-balancer.ts";
import { networksSchema } from "./settings/network.ts";
import { rolloutSchema } from "./settings/rollout.ts";
import { scalewaySettings } from "./settings/scaleway.ts";
import { secretName, secretsSchema } from "./settings/secrets.ts";
import { jumpSettings, loginSettings, port, previousSettings, userName } from "./settings/ssh.ts";

const tag = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be of a-z, 0-9 and -, at most 63 long");

const idReason = "must be the id of a server, as hcloud server list shows it";

/** Ways to get NixOS on a machine. */
const bootstraps = ["kexec", "rescue", "infect", "none"] as const;
export type Bootstrap = (typeof bootstraps)[number];

const cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: "must be a network such as 203.0.113.7/32 or 2001:db8::/64",
});

/** Settings a host, a tag's defaults or the stack's defaults may give. */
export const hostSettings = z.strictObject({
  provider: z.enum(providers).optional(),
  ...hetznerSettings.shape,
  ...scalewaySettings.shape,
  /** How the user becomes root. */
  elevate: z.enum(["none", ...elevationTools]).optional(),
  /** Name of the secret that sudo asks for. */
  elevatePassword: secretName.optional(),
  /** Pulumi's protection of server, addresses and identity. */
  protect: z.boolean().optional(),
  /** Flake reference with an optional attribute: `./hosts#web`. */
  flake: z.string().min(1).optional(),
  goal: goalSchema.exclude(["dry-activate"]).optional(),
  /** What happens when it no longer runs what was deployed. */
  drift: driftModeSchema.optional(),
  /** What has to hold before a deployment changes anything. */
  preDeploy: preDeploySettings.optional(),
  /** What has to hold after an activation, for the new system to stay. */
  health: healthSettings.optional(),
  /** When the host is rebooted after a deployment. */
  reboot: z.enum(rebootPolicies).optional(),
  /** Command on the host before its reboot. */
  drain: drainSettings.optional(),
  /** Old generations of the system that stay. */
  generations: generationsSettings.optional(),
  /** kexec tarball for nixos-anywhere: path or https URL. */
  kexec: z.string().min(1).optional(),
  /** Where its system is built. */
  build: buildSettings.optional(),
  /** Signing and binary cache, between building and copying. */
  cache: cacheSettings.optional(),
});

export type HostSettings = z.infer<typeof hostSettings>;

/** One host as written under `fleet:hosts`. */
export const hostSchema = hostSettings.extend({
  ...existingSettings.shape,
  ...cloudHostSettings.shape,
  /** Id of a Hetzner server that was there before us. */
  importServer: z
    .union([z.number().int(idReason).positive(idReason), z.string().regex(/^[1-9]\d*$/, idReason)], {
      error: idReason,
    })
    .transform(String)
    .optional(),
  ssh: loginSettings.optional(),
  /** How NixOS gets on the machine; `rescue`: from Hetzner's rescue system; `none`: it runs there already. */
  bootstrap: z.enum(bootstraps).optional(),
  /** So many hosts, named with a number each. */
  count: z.number().int().min(1).max(1000).optional(),
  tags: z.array(tag).default([]),
  aliases: z.array(hostName).default([]),
  /** A closure that exists already, instead of a flake. */
  system: z
    .string()
    .regex(/^\/nix\/store\/[a-z0-9]{32}-[A-Za-z0-9+._?=-]+$/, "must be a store path /nix/store/…")
    .optional(),
  /** Changing it reinstalls the host: all its data is lost. */
  reinstall: z.union([z.string(), z.number()]).transform(String).optional(),
  /** Allows an install over foreign data; must be the host's own name. */
  wipe: hostName.optional(),
  /** Keys of encrypted disks, for the install: path in the disk layout → name of a secret. */
  diskKeys: diskKeySettings.optional(),
  /** The disks of the installed host were changed by hand to what the configuration says. */
  acceptDiskLayout: z.boolean().optional(),
});
export type HostConfig = z.infer<typeof hostSchema>;

/** How the hosts of a stack are logged in to. */
export const sshSchema = z
  .strictObject({
    /** Networks that may reach SSH through the cloud's firewall. */
    allowedCidrs: z
      .array(cidr)
      .min(1, "must name at least one network: otherwise no login is possible")
      .default(["0.0.0.0/0", "::/0"]),
    /** Keys of people, in addition to the stack's deploy key. */
    authorizedKeys: z.array(publicKeySchema).default([]),
    port: port.default(22),
    user: userName.default("root"),
    /** Port that all hosts were reached at before `port`. */
    previous: previousSettings.pick({ port: true }).optional(),
    /** Jump hosts of every host that does not say otherwise. */
    jump: jumpSettings.default([]),
  })
  .prefault({});

/** Everything under the `fleet:` namespace of a stack's configuration. */
export const configurationSchema = z.strictObject({
  hosts: z
    .record(z.string(), hostSchema, { error: "must map host names to their settings" })
    .refine((hosts) => Object.keys(hosts).length > 0, "must name at least one host"),
  defaults: hostSettings.prefault({}),
  /** What the hosts of a tag have. */
  tags: z.record(tag, hostSettings).prefault({}),
  /** Private networks, by name. */
  networks: networksSchema.prefault({}),
  /** Load balancers, by name. */
  loadBalancers: balancersSchema.prefault({}),
  ssh: sshSchema,
  secrets: secretsSchema.prefault({}),
  /** Facts of one's own. */
  facts: factsSchema.prefault({}),
  rollout: rolloutSchema,
  deadlines: z
    .strictObject({ install: installDeadlines, deploy: deployDeadlines, preview: previewDeadlines })
    .prefault({}),
  /** How much a preview says of a changed system. */
  preview: previewModeSchema.default("eval"),
});
export type FleetConfiguration = z.infer<typeof configurationSchema>;
