import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../fleet/inventory/inventory.ts";
import type { DeployKey } from "./deploy-key.ts";
import type { Host } from "./host.ts";

/** What is shown of one host after an update. No secrets. */
export interface HostOutput {
  readonly provider: string;
  readonly id: string;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  /** System wanted on the host. */
  readonly system: string;
  readonly ageRecipient: string;
  readonly hostPublicKey: string;
  readonly ssh: string;
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
      system: component.system.toplevel,
      ageRecipient: component.identity.ageRecipient,
      hostPublicKey: component.identity.hostKey.publicKey,
      ssh: `npx fleet ssh ${host.name}`,
    });
    return [[host.name, output] as const];
  });
  return Object.fromEntries(entries);
}

/** Stack output `access`: how the `fleet` command logs in. Secret as a whole. */
export function accessOutput(deployKey: DeployKey): pulumi.Output<{ privateKey: string }> {
  return pulumi.secret(pulumi.output({ privateKey: deployKey.privateKey }));
}

/** Stack output `next`: what to type now. */
export function nextSteps(inventory: Inventory): string[] {
  const first = inventory.hosts[0]?.name ?? "<host>";
  return [
    "npx fleet status            # what runs where",
    `npx fleet ssh ${first.padEnd(13)} # log in`,
    "$EDITOR hosts/              # change a system, then: pulumi preview && pulumi up",
  ];
}
