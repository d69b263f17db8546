import type { Bootstrap, FleetConfiguration, HostConfig } from "../config/schema.ts";
import {
  type BuildAddress,
  type BuildSettings,
  isWord,
  parseBuildAddress,
} from "../config/settings/build.ts";
import { publicationOf } from "../config/settings/cache.ts";
import type { FactSettings } from "../config/settings/facts.ts";
import { generationsOf } from "../config/settings/generations.ts";
import { healthOf, preDeployOf } from "../config/settings/health.ts";
import { providerOf } from "../config/stack-settings.ts";
import type { Publication } from "../protocol/binary-cache.ts";
import type { Elevation } from "../protocol/connection.ts";
import type { DeploymentSettings, Goal } from "../protocol/deploy.ts";
import type { DriftMode, PreviewMode } from "../protocol/preview-modes.ts";
import { expandHetzner, type HetznerMachine, keyOf } from "./hetzner.ts";
import { type JumpStep, jumpChain } from "./jump.ts";
import { expandBalancers, type LoadBalancer } from "./load-balancers.ts";
import { expandNetworks, type Network } from "./networks.ts";
import { expandScaleway, type ScalewayInstance } from "./scaleway.ts";
import { planRollout, type Rollout } from "./waves.ts";

/** Where a host's system comes from. */
type SystemSource =
  | { readonly kind: "flake"; readonly flake: string; readonly attribute: string }
  | { readonly kind: "closure"; readonly path: string };

/** How a host is logged in to. */
interface Login {
  readonly user: string;
  readonly port: number;
}

/** Where a host's system is built: a keyword, another host of the fleet, or a machine outside of it. */
export type BuildSource =
  | { readonly on: "auto" | "local" | "target" }
  | { readonly on: "host"; readonly host: string }
  | { readonly on: "ssh"; readonly machine: BuildAddress; readonly hostKey: string };

/** What every host has, with every default applied. */
export interface HostBase extends DeploymentSettings {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  readonly protect: boolean;
  readonly login: Login;
  /** null: it stays where it is. */
  readonly previous: PreviousEndpoint | null;
  /** How the user becomes root; null: it is root. `password`: name of a secret, or null. */
  readonly elevation: Elevation | null;
  /** Jump hosts to it, in order. */
  readonly jump: readonly JumpStep[];
  /** It is only sometimes on: deployments wait for it. */
  readonly allowUnreachable: boolean;
  readonly source: SystemSource;
  readonly goal: Goal;
  readonly drift: DriftMode;
  readonly bootstrap: Bootstrap;
  readonly reinstall: string | null;
  readonly wipe: boolean;
  readonly acceptDiskLayout: boolean;
  readonly kexec: string | null;
  /** Keys of encrypted disks: path in the installer → name of a secret. */
  readonly diskKeys: Readonly<Record<string, string>>;
  readonly build: BuildSource;
  /** `signingKey`: name of a secret. */
  readonly publication: Publication;
}

/** A server at Hetzner Cloud. */
export interface HetznerHost extends HostBase, HetznerMachine {
  readonly provider: "hetzner";
}

/** An instance at Scaleway. */
export interface ScalewayHost extends HostBase, ScalewayInstance {
  readonly provider: "scaleway";
}

/** A machine that already exists. */
export interface ExistingHost extends HostBase {
  readonly provider: "existing";
  /** IP address or DNS name. */
  readonly address: string;
  /** Host key the machine shows at first; null: whatever it shows then is trusted. */
  readonly machineKey: string | null;
}

/** One host with every default applied. */
export type InventoryHost = HetznerHost | ScalewayHost | ExistingHost;

/** All hosts of a stack, sorted by name, and what they share. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[];
  readonly ssh: FleetConfiguration["ssh"];
  /** Private networks, sorted by name. */
  readonly networks: readonly Network[];
  /** Load balancers, sorted by name. */
  readonly loadBalancers: readonly LoadBalancer[];
  /** Names of the stack's secrets. */
  readonly secrets: FleetConfiguration["secrets"];
  /** Facts of one's own. */
  readonly customFacts: FactSettings;
  readonly deadlines: FleetConfiguration["deadlines"];
  readonly preview: PreviewMode;
  /** Which hosts are deployed after which. */
  readonly rollout: Rollout;
}

const defaultFlake = "./hosts";

/** Applies the defaults; the configuration has been checked by `parseConfiguration`. */
export function buildInventory(configuration: FleetConfiguration): Inventory {
  const hosts = Object.entries(configuration.hosts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, host]) => expandHost(name, host, configuration));
  const { ssh, secrets, facts: customFacts, deadlines, preview } = configuration;
  const rollout = planRollout(configuration.rollout, hosts);
  const networks = expandNetworks(configuration.networks);
  const loadBalancers = expandBalancers(configuration);
  return { hosts, networks, loadBalancers, ssh, secrets, customFacts, deadlines, preview, rollout };
}

function expandHost(name: string, host: HostConfig, stack: FleetConfiguration): InventoryHost {
  const base = expandBase(name, host, stack);
  const provider = providerOf(host, stack);
  switch (provider) {
    case "hetzner":
      return { ...base, provider, ...expandHetzner(name, host, stack) };
    case "scaleway":
      return { ...base, provider, ...expandScaleway(name, host, stack) };
    case "existing": {
      if (host.address === undefined)
        throw new Error(`host "${name}" has no address; the configuration should have been refused`);
      return { ...base, provider, address: host.address, machineKey: keyOf(host.hostKey) };
    }
  }
}

function expandBase(name: string, host: HostConfig, configuration: FleetConfiguration): HostBase {
  const { defaults, ssh } = configuration;
  return {
    name,
    aliases: host.aliases,
    tags: [...new Set(host.tags)].sort(),
    protect: host.protect ?? defaults.protect ?? true,
    login: { user: host.ssh?.user ?? ssh.user, port: host.ssh?.port ?? ssh.port },
    previous: previousEndpoint(host, ssh),
    elevation: elevationOf(host, configuration),
    jump: jumpChain(name, configuration),
    allowUnreachable: host.allowUnreachable ?? false,
    source: sourceOf(name, host.system, host.flake ?? defaults.flake ?? defaultFlake),
    goal: host.goal ?? defaults.goal ?? "switch",
    drift: host.drift ?? defaults.drift ?? "report",
    preDeploy: preDeployOf(host.preDeploy, defaults.preDeploy),
    health: healthOf(host.health, defaults.health),
    reboot: host.reboot ?? defaults.reboot ?? "never",
    drain: host.drain ?? defaults.drain ?? null,
    generations: generationsOf(host.generations, defaults.generations),
    bootstrap: host.bootstrap ?? "kexec",
    reinstall: host.reinstall ?? null,
    wipe: host.wipe === name,
    acceptDiskLayout: host.acceptDiskLayout ?? false,
    kexec: host.kexec ?? defaults.kexec ?? null,
    diskKeys: host.diskKeys ?? {},
    build: buildSource(name, host.build ?? defaults.build),
    publication: publicationOf(host.cache ?? defaults.cache),
  };
}

/** A host that names itself is its own place to build. */
function buildSource(name: string, build: BuildSettings | undefined): BuildSource {
  if (build === undefined) return { on: "auto" };
  const { on, hostKey } = build;
  if (isWord(on)) return { on };
  const machine = parseBuildAddress(on);
  if (machine !== undefined && hostKey !== undefined) return { on: "ssh", machine, hostKey };
  return on === name ? { on: "target" } : { on: "host", host: on };
}

/** How a host is deployed and rebooted. */
export function deploymentSettings({
  preDeploy,
  health,
  generations,
  reboot,
  drain,
}: InventoryHost): DeploymentSettings {
  return { preDeploy, health, generations, reboot, drain };
}

/** Names of the secrets that are needed to log in to a host. */
export function secretsOfLogin({ jump, elevation }: Pick<HostBase, "jump" | "elevation">): string[] {
  const keys = jump.flatMap((step) => (step.kind === "machine" ? [step.key] : []));
  return [...keys, elevation?.password ?? null].filter((name) => name !== null);
}

function elevationOf(host: HostConfig, { defaults, ssh }: FleetConfiguration): Elevation | null {
  if ((host.ssh?.user ?? ssh.user) === "root") return null;
  const tool = host.elevate ?? defaults.elevate ?? "sudo";
  if (tool === "none") return null;
  return { tool, password: host.elevatePassword ?? defaults.elevatePassword ?? null };
}

/** `./hosts#web` names the attribute; without one it is the host's name. */
function sourceOf(name: string, system: string | undefined, flake: string): SystemSource {
  if (system !== undefined) return { kind: "closure", path: system };
  const hash = flake.lastIndexOf("#");
  if (hash === -1) return { kind: "flake", flake, attribute: name };
  return { kind: "flake", flake: flake.slice(0, hash), attribute: flake.slice(hash + 1) || name };
}

/** Where a host was reached before it was moved; address null: at the one it has. */
interface PreviousEndpoint {
  readonly address: string | null;
  readonly port: number;
}

/** null: it stays where it is, whatever the configuration says of its past. */
function previousEndpoint(
  { ssh = {}, address: now }: Pick<HostConfig, "ssh" | "address">,
  stack: Pick<FleetConfiguration["ssh"], "port" | "previous">,
): PreviousEndpoint | null {
  const port = ssh.port ?? stack.port;
  const previous = {
    address: ssh.previous?.address ?? null,
    port: ssh.previous?.port ?? stack.previous?.port ?? port,
  };
  const moved = previous.port !== port || (previous.address !== null && previous.address !== now);
  return moved ? previous : null;
}
