import { z } from "zod";
import { publicationSchema } from "./binary-cache.ts";
import { buildPlanSchema } from "./build.ts";
import { connectionSchema, publicKeySchema, systemSchema } from "./connection.ts";
import { rescueAccessSchema } from "./rescue-access.ts";

/** Phases of an install, in order; each has a deadline of its own. */
export const installPhases = ["contact", "facts", "kexec", "disko", "install", "reboot", "verify"] as const;
export type InstallPhase = (typeof installPhases)[number];

/** Seconds each phase may take. */
export const installDeadlinesSchema = z.strictObject({
  contact: z.number().positive(),
  facts: z.number().positive(),
  /** From the reset to the answer of the cloud's rescue system, where it is used. */
  rescue: z.number().positive(),
  kexec: z.number().positive(),
  disko: z.number().positive(),
  install: z.number().positive(),
  reboot: z.number().positive(),
  verify: z.number().positive(),
});

/** Standard input of `fleet internal install`, one JSON document. Holds secrets. */
export const installSpecSchema = z.strictObject({
  version: z.literal(1),
  /** Fully named Pulumi stack, `project/stack`: who owns the host. */
  stack: z.string().min(1),
  host: z.string().min(1),
  /** Former names of this host, whose identity is accepted as its own. */
  aliases: z.array(z.string()),
  provider: z.enum(["hetzner", "scaleway", "existing"]),
  serverId: z.string().min(1),
  connection: connectionSchema,
  /** Host key the stock image shows (through cloud-init); null: the final key is already in place. */
  bootstrapHostKey: publicKeySchema.nullable(),
  /** Host key of the installed system. `privateKey` is a secret. */
  hostKey: z.strictObject({ publicKey: publicKeySchema, privateKey: z.string().min(1) }),
  /** A changed token asks for a reinstall. */
  reinstall: z.string().nullable(),
  /** True only if the configuration says `wipe: <this host>`. */
  wipe: z.boolean(),
  /** True: the disk layout was changed by hand to what the configuration says (`acceptDiskLayout: true`). */
  acceptDiskLayout: z.boolean(),
  system: systemSchema,
  /** Where the system is built. */
  build: buildPlanSchema,
  /** What happens to it between there and the machine. */
  cache: publicationSchema,
  /** Path or URL of a kexec tarball; null: nixos-anywhere's own default. */
  kexecTarball: z.string().nullable(),
  /** `infect`: NixOS takes the place of the running system, on the disks as they are. */
  bootstrap: z.enum(["kexec", "infect"]),
  /** Volumes of the host, which no install may format: links in `/dev/disk/by-id`. */
  volumes: z.array(z.string().startsWith("/dev/disk/by-id/")).optional(),
  /** Keys of encrypted disks: path that the disk layout names → value. The values are secret. */
  diskKeys: z.record(z.string().startsWith("/"), z.string().min(1)),
  /** The cloud's rescue system and reset button; null: the machine has none that we can reach. */
  rescue: rescueAccessSchema.nullable(),
  deadlines: installDeadlinesSchema,
  /** Folder for full logs, absolute. */
  logDirectory: z.string().startsWith("/"),
});
export type InstallSpec = z.infer<typeof installSpecSchema>;

/** Standard output of `fleet internal install`: one JSON line, no secrets. */
export const installResultSchema = z.strictObject({
  host: z.string(),
  outcome: z.enum(["installed", "adopted"]),
  /** Random id written to the host's identity file at install. */
  installId: z.string(),
  /** System the host runs after the install. */
  system: z.string(),
  bootId: z.string(),
  seconds: z.number(),
});
export type InstallResult = z.infer<typeof installResultSchema>;

/** `/etc/fleet/identity.json` on every installed host. */
export const identitySchema = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  host: z.string(),
  installId: z.string(),
  reinstall: z.string().nullable(),
});
export type HostIdentity = z.infer<typeof identitySchema>;
