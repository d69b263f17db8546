import { z } from "zod";
import { openPortsSchema } from "../firewall/open-ports.ts";
import { diskLayoutSchema } from "./disk-layout.ts";

/** An OpenSSH public key line: type, base64 blob, optional comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export const publicKeySchema = z
  .string()
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( .*)?$/,
    "is not a valid OpenSSH public key",
  );

/** A machine in between, which forwards connections (ssh_config(5), ProxyJump). */
export const jumpHopSchema = z.strictObject({
  /** What people call it: name of a host of the fleet, or its address. */
  name: z.string().min(1),
  /** As seen from the hop before it: IPv4, IPv6 (without brackets) or DNS name. */
  address: z.string().min(1),
  port: z.number().int().min(1).max(65535),
  user: z.string().min(1),
  /** The only key it may show. */
  hostKey: publicKeySchema,
  /** OpenSSH private key text, a secret; null: the deploy key. */
  privateKey: z.string().min(1).nullable(),
});
export type JumpHop = z.infer<typeof jumpHopSchema>;

/** Programs that make another user root. */
export const elevationTools = ["sudo", "run0", "doas"] as const;

/** How a user that is not root becomes it. */
const elevationSchema = z.strictObject({
  tool: z.enum(elevationTools),
  /** A secret, for sudo alone; null: none is asked for. */
  password: z.string().min(1).nullable(),
});
export type Elevation = z.infer<typeof elevationSchema>;

/** Where SSH answers. */
export const endpointSchema = z.strictObject({
  /** IPv4, IPv6 (without brackets) or DNS name. */
  address: z.string().min(1),
  port: z.number().int().min(1).max(65535),
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** How one host is reached. The private key is a secret: never log it, never pass it in argv. */
export const connectionSchema = z.strictObject({
  ...endpointSchema.shape,
  user: z.string().min(1),
  /** OpenSSH private key text of the deploy key. */
  privateKey: z.string().min(1),
  /** Machines in between, in the order they are passed; absent: none. */
  jump: z.array(jumpHopSchema).optional(),
  /** Absent: root needs nothing, any other user takes sudo without a password. */
  elevation: elevationSchema.optional(),
  /** Where it answered before it was moved, with the same host key: used while nothing answers at the new place. Absent: it stays. */
  previous: endpointSchema.optional(),
});
export type Connection = z.infer<typeof connectionSchema>;

/** Where a host may answer: at its place first, then where it was before. */
export function endpointsOf({ address, port, previous }: Connection): readonly [Endpoint, ...Endpoint[]] {
  const place = { address, port };
  return previous === undefined ? [place] : [place, previous];
}

/** For messages: `198.51.100.7 port 22`. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return `${address} port ${port}`;
}

/** Everything in a connection that no log may show. */
export function connectionSecrets({ privateKey, jump = [], elevation }: Connection): string[] {
  const others = [...jump.map((hop) => hop.privateKey), elevation?.password];
  return [privateKey, ...others.filter((secret) => typeof secret === "string")];
}

/**
 * What an install needs, and what decides whether the installed machine starts and accepts our login (`runtime/nix/evaluation/wrapper/traits.nix`). null:
 * unknown.
 */
export const traitsSchema = z.strictObject({
  /** Files disko reads keys from, and devices for which it would ask at the console. */
  diskKeys: z.strictObject({ files: z.array(z.string().min(1)), prompts: z.array(z.string()) }),
  /** File systems on devices that the system does not start without. */
  fileSystems: z.array(z.strictObject({ mountPoint: z.string(), device: z.string(), fsType: z.string() })),
  /** Its initial RAM disk acts on /etc/NIXOS_LUSTRATE. */
  lustrates: z.boolean(),
  /** Firmware the boot loader can be started by. */
  firmware: z.array(z.enum(["bios", "uefi"])).nullable(),
  ssh: z.strictObject({
    enable: z.boolean(),
    ports: z.array(z.number().int()),
    /** Those of the ports that the firewall lets in. */
    open: z.array(z.number().int()).nullable(),
    /** Users with an authorized key. */
    users: z.array(z.string()).nullable(),
    /** Users with a key whom sshd's settings shut out nevertheless (`PermitRootLogin`, `AllowUsers`, `DenyUsers`). */
    refused: z.array(z.string()).nullable(),
  }),
  /** Users who may become root without a password, root among them. */
  administrators: z.array(z.string()).nullable(),
  openPorts: openPortsSchema,
});
export type SystemTraits = z.infer<typeof traitsSchema>;

/** What Nix knows of one host's system: store paths and how to build them again. */
export const systemSchema = z.strictObject({
  /** `config.system.build.toplevel` */
  toplevel: z.string().startsWith("/nix/store/"),
  /** Derivation of toplevel; null when the host names a ready-made closure (`system:`). */
  toplevelDerivation: z.string().startsWith("/nix/store/").nullable(),
  /** `config.system.build.diskoScript`; null when the flake has none (bootstrap "none" only). */
  disko: z.string().startsWith("/nix/store/").nullable(),
  diskoDerivation: z.string().startsWith("/nix/store/").nullable(),
  /** `config.system.build.diskoScriptNoDeps`, which uses tools of the installer; null when the flake has none. */
  diskoWithoutTools: z
    .strictObject({
      output: z.string().startsWith("/nix/store/"),
      derivation: z.string().startsWith("/nix/store/"),
    })
    .nullable(),
  /** What would destroy data if it changed; null when the flake has no disks, or nothing was evaluated. */
  diskLayout: diskLayoutSchema.nullable(),
  /** null when nothing was evaluated (`system:`). */
  traits: traitsSchema.nullable(),
  /** Nix platform, such as `x86_64-linux`. */
  platform: z.string().min(1),
  /** Installable of toplevel in the generated wrapper flake: used to rebuild when the derivation was collected. */
  installable: z.string().nullable(),
  /** Revision of the user's flake, and whether its work tree differed from it. */
  revision: z.string().nullable(),
  dirty: z.boolean(),
});
export type HostSystem = z.infer<typeof systemSchema>;
