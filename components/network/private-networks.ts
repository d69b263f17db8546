import type { Network } from "../../model/inventory/networks.ts";
import { cloudName, stackLabels } from "../../model/naming/cloud-labels.ts";
import { HetznerPrivateNetwork } from "./hetzner-network.ts";
import { ScalewayPrivateNetwork } from "./scaleway-network.ts";

/** A private network that hosts are put into. */
type PrivateNetwork = HetznerPrivateNetwork | ScalewayPrivateNetwork;

/** The private networks of a stack, by name. */
export type PrivateNetworks = ReadonlyMap<string, PrivateNetwork>;

/**
 * Registers the private networks of a stack.
 * @param stack `project/stack`
 */
export function privateNetworks(networks: readonly Network[], stack: string): PrivateNetworks {
  return new Map(networks.map((network) => [network.name, privateNetwork(network, stack)] as const));
}

function privateNetwork(network: Network, stack: string): PrivateNetwork {
  switch (network.provider) {
    case "hetzner":
      return new HetznerPrivateNetwork({
        network,
        hetznerName: cloudName(stack, network.name),
        labels: stackLabels(stack),
      });
    case "scaleway":
      return new ScalewayPrivateNetwork({
        network,
        scalewayName: cloudName(stack, network.name),
        tags: [`fleet/stack=${stack}`],
      });
  }
}

/** A network of a provider; the configuration is checked: a host is only in networks of its own provider. */
export function networkOf<P extends PrivateNetwork["provider"]>(
  networks: PrivateNetworks,
  provider: P,
  name: string,
): Extract<PrivateNetwork, { provider: P }> {
  const network = networks.get(name);
  if (network === undefined || !isOf(network, provider))
    throw new Error(
      `network "${name}" is not one of ${provider}; the configuration should have been refused`,
    );
  return network;
}

function isOf<P extends PrivateNetwork["provider"]>(
  network: PrivateNetwork,
  provider: P,
): network is Extract<PrivateNetwork, { provider: P }> {
  return network.provider === provider;
}
