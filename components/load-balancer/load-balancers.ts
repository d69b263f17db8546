import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import type { LoadBalancer } from "../../model/inventory/load-balancers.ts";
import { cloudName, stackLabels } from "../../model/naming/cloud-labels.ts";
import type { Host } from "../host/host.ts";
import type { PrivateNetworks } from "../network/private-networks.ts";
import { HetznerServer } from "../server/hetzner/server.ts";
import { type BalancerTarget, HetznerLoadBalancer } from "./hetzner-load-balancer.ts";

/** What is shown of a load balancer after an update. */
export interface BalancerOutput {
  readonly id: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Its address in the private network that it reaches its targets in; null: it reaches them at their public ones. */
  readonly privateAddress: string | null;
  /** Names of hosts. */
  readonly targets: readonly string[];
}

/** What load balancers are created from. */
export interface LoadBalancerContext {
  /** `project/stack` */
  readonly stack: string;
  readonly inventory: Inventory;
  readonly networks: PrivateNetworks;
  /** All hosts, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
}

/**
 * Registers the load balancers of a stack, once its hosts are registered: traffic reaches a host when it has been deployed.
 * @returns stack output `loadBalancers`: name → what is known of the balancer
 */
export function loadBalancerOutputs(
  around: LoadBalancerContext,
): Record<string, pulumi.Output<BalancerOutput>> {
  const entries = around.inventory.loadBalancers.map((balancer) => {
    const { balancerId: id, ipv4, ipv6 } = loadBalancer(balancer, around);
    const privateAddress = balancer.network?.address ?? null;
    const { targets } = balancer;
    return [balancer.name, pulumi.output({ id, ipv4, ipv6, privateAddress, targets: [...targets] })] as const;
  });
  return Object.fromEntries(entries);
}

function loadBalancer(balancer: LoadBalancer, around: LoadBalancerContext): HetznerLoadBalancer {
  const { stack, networks } = around;
  const network = balancer.network === null ? undefined : networks.get(balancer.network.name);
  if (balancer.network !== null && network?.provider !== "hetzner")
    throw new Error(
      `load balancer "${balancer.name}" is in a network that Hetzner does not have; the configuration should have been refused`,
    );
  return new HetznerLoadBalancer({
    balancer,
    hetznerName: cloudName(stack, balancer.name),
    labels: { ...stackLabels(stack), ...balancer.labels },
    subnetId: network?.provider === "hetzner" ? network.subnetId : null,
    targets: balancer.targets.map((host) => targetOf(host, balancer, around)),
  });
}

function targetOf(name: string, { network }: LoadBalancer, { hosts }: LoadBalancerContext): BalancerTarget {
  const host = hosts.get(name);
  if (host === undefined)
    throw new Error(
      `host "${name}" is a target and was not made; the configuration should have been refused`,
    );
  const { names, server } = host;
  const after = host.deployment.ready;
  if (network === null) return { names, after, serverId: server.serverId.apply(Number) };
  const serverId = server instanceof HetznerServer ? server.memberIds.get(network.name) : undefined;
  if (serverId === undefined)
    throw new Error(
      `host "${name}" is a target and not in network "${network.name}"; the configuration should have been refused`,
    );
  return { names, after, serverId };
}
