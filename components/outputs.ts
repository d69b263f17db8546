import * as pulumi from "@pulumi/pulumi";
import {
  deploymentSettings,
  type Inventory,
  type InventoryHost,
  secretsOfLogin,
} from "../model/inventory/inventory.ts";
import type { JumpStep } from "../model/inventory/jump.ts";
import type { Elevation, Endpoint, JumpHop } from "../model/protocol/connection.ts";
import type { DeploymentSettings, DeploySpec } from "../model/protocol/deploy.ts";
import type { Host } from "./host/host.ts";
import type { DeployKey } from "./identity/deploy-key.ts";
import type { Secrets } from "./shared/secrets.ts";

/** A jump host of a host. `key`: name of the secret that logs in there; null: the deploy key does. */
type HopOutput = Omit<JumpHop, "privateKey"> & { readonly key: string | null };

/** What is shown of one host after an update. No secrets. */
export interface HostOutput {
  readonly provider: string;
  readonly id: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  /** Where it was reached before it was moved; null: it stays. */
  readonly previousEndpoint: Endpoint | null;
  /** How the user becomes root; `none`: it is root. */
  readonly elevate: "none" | Elevation["tool"];
  /** Name of a secret in `credentials` that is asked for; null: none is. */
  readonly elevatePassword: string | null;
  /** Jump hosts in order, without their keys: `key` names a secret in `credentials`. */
  readonly jump: readonly HopOutput[];
  /** It is only sometimes on. */
  readonly allowUnreachable: boolean;
  /** System wanted on the host. */
  readonly system: string;
  readonly ageRecipient: string;
  readonly hostPublicKey: string;
  readonly ssh: string;
  readonly tags: readonly string[];
  /** Wave of the rollout that it belongs to. */
  readonly wave: string | null;
}

/** Stack output `hosts`: name → what is known of the host. */
export function hostOutputs(
  inventory: Inventory,
  components: ReadonlyMap<string, Host>,
): Record<string, pulumi.Output<HostOutput>> {
  const entries = inventory.hosts.flatMap((host) => {
    const component = components.get(host.name);
    if (component === undefined) return [];
    const output = pulumi.output({
      provider: host.provider,
      id: component.server.serverId,
      ipv4: component.server.ipv4,
      ipv6: component.server.ipv6,
      address: component.server.address,
      ...host.login,
      previousEndpoint: previousEndpointOf(host, component),
      elevate: host.elevation?.tool ?? ("none" as const),
      elevatePassword: host.elevation?.password ?? null,
      jump: pulumi.unsecret(component.jumpPath.hops.apply((hops) => hopOutputs(hops, host.jump))),
      allowUnreachable: host.allowUnreachable,
      system: component.system.toplevel,
      ageRecipient: component.identity.ageRecipient,
      hostPublicKey: component.identity.hostKey.publicKey,
      ssh: `npx fleet ssh ${host.name}`,
      tags: [...host.tags],
      wave: waveOf(inventory, host.name),
    });
    return [[host.name, output] as const];
  });
  return Object.fromEntries(entries);
}

function previousEndpointOf({ previous }: InventoryHost, { server }: Host): pulumi.Output<Endpoint> | null {
  return previous === null
    ? null
    : pulumi.output({ address: previous.address ?? server.address, port: previous.port });
}

function hopOutputs(hops: readonly JumpHop[], steps: readonly JumpStep[]): HopOutput[] {
  return hops.map(({ privateKey: _, ...hop }, index) => {
    const step = steps[index];
    return { ...hop, key: step?.kind === "machine" ? step.key : null };
  });
}

/** What the `fleet` command logs in with: the deploy key, and the secrets that logins name. */
export interface Access {
  readonly privateKey: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** By host: how it is rebooted and rolled back. Headers that checks send, and commands, may hold secrets. */
  readonly deployments: Readonly<Record<string, DeploymentSettings>>;
  /** Seconds each step of that may take. */
  readonly deadlines: DeploySpec["deadlines"];
}

/** Stack output `credentials`: how the `fleet` command logs in. Secret as a whole. */
export function credentialsOutput(
  deployKey: DeployKey,
  inventory: Inventory,
  secrets: Secrets,
): pulumi.Output<Access> {
  const names = new Set(inventory.hosts.flatMap(secretsOfLogin));
  const values = secrets.valuesOf(Object.fromEntries([...names].map((name) => [name, name])));
  return pulumi.secret(
    pulumi.output({
      privateKey: deployKey.privateKey,
      secrets: values,
      deployments: Object.fromEntries(inventory.hosts.map((host) => [host.name, deploymentSettings(host)])),
      deadlines: inventory.deadlines.deploy,
    }),
  );
}

/** Stack output `nextSteps`: what to type now. */
export function nextStepsOutput(inventory: Inventory): string[] {
  const first = inventory.hosts[0]?.name ?? "<host>";
  return [
    "npx fleet status            # what runs where",
    `npx fleet ssh ${first.padEnd(13)} # log in`,
    "$EDITOR hosts/              # change a system, then: pulumi preview && pulumi up",
  ];
}

/** null where all hosts are one wave. */
function waveOf({ rollout: { waves } }: Inventory, host: string): string | null {
  if (waves.length === 1) return null;
  return waves.find(({ hosts }) => hosts.includes(host))?.name ?? null;
}
