/** Logical names of a host's resources. They are part of every state: a changed name is a new resource. */
export const parts = {
  identity: "identity",
  bootstrapKey: "bootstrap-key",
  hostKey: "host-key",
  server: "server",
  instance: "instance",
  ipv4: "ipv4",
  ipv6: "ipv6",
  ipv4Rdns: "ipv4-rdns",
  ipv6Rdns: "ipv6-rdns",
  firewall: "firewall",
  nixosFirewall: "nixos-firewall",
  hostKeyScan: "host-key-scan",
  install: "install",
  installRun: "install-run",
  deployment: "deployment",
  deploymentRun: "deployment-run",
} as const;
export type Part =
  | (typeof parts)[keyof typeof parts]
  | `network-${string}`
  | `private-address-${string}`
  | `volume-${string}`;

/** Part of a host that is its place in a private network. */
export function networkPart(network: string): Part {
  return `network-${network}`;
}

/** Part of a host that is the reservation of its address in a private network, where that is a resource. */
export function privateAddressPart(network: string): Part {
  return `private-address-${network}`;
}

/** Parts of a host that are a volume, and its place at the server. */
export function volumeParts(volume: string): { readonly volume: Part; readonly attachment: Part } {
  return { volume: `volume-${volume}`, attachment: `volume-${volume}-attachment` };
}

/** Names of a placement group of the stack: `placement-spread`, and the group at the provider. */
export function placementNames(group: string): { readonly placement: string; readonly group: string } {
  return { placement: `placement-${group}`, group: `placement-${group}-group` };
}

/** Names of a private network of the stack: `network-internal`, and its parts. */
export function networkNames(network: string): {
  readonly component: string;
  readonly network: string;
  readonly subnet: string;
} {
  const name = `network-${network}`;
  return { component: name, network: `${name}-network`, subnet: `${name}-subnet` };
}

/** Names of a load balancer of the stack: `load-balancer-front`, and its parts. */
export function balancerNames(balancer: string): {
  readonly component: string;
  readonly balancer: string;
  readonly network: string;
  readonly rdns: Readonly<Record<"ipv4" | "ipv6", string>>;
  readonly service: (port: number) => string;
  readonly target: (host: string) => string;
} {
  const name = `load-balancer-${balancer}`;
  return {
    component: name,
    balancer: `${name}-lb`,
    network: `${name}-network`,
    rdns: { ipv4: `${name}-ipv4-rdns`, ipv6: `${name}-ipv6-rdns` },
    service: (port) => `${name}-service-${port}`,
    target: (host) => `${name}-target-${host}`,
  };
}

/** `canary` → `gate-canary`, and the command below it `gate-canary-run` */
export function gateName(wave: string): { readonly gate: string; readonly run: string } {
  return { gate: `gate-${wave}`, run: `gate-${wave}-run` };
}

/** Type tokens of the components. They are part of every state as well. */
export const typeTokens = {
  host: "nixos:index:Host",
  identity: "nixos:index:Identity",
  deployKey: "nixos:index:DeployKey",
  hetznerServer: "nixos:server:HetznerServer",
  importedHetznerServer: "nixos:server:ImportedHetznerServer",
  scalewayServer: "nixos:server:ScalewayServer",
  existingServer: "nixos:server:ExistingServer",
  nixosInstall: "nixos:index:NixosInstall",
  nixosDeployment: "nixos:index:NixosDeployment",
  gate: "nixos:index:Gate",
  hetznerPrivateNetwork: "nixos:network:HetznerPrivateNetwork",
  hetznerLoadBalancer: "nixos:loadbalancer:HetznerLoadBalancer",
  hetznerPlacementGroup: "nixos:placement:HetznerPlacementGroup",
  scalewayPrivateNetwork: "nixos:network:ScalewayPrivateNetwork",
  scalewayPlacementGroup: "nixos:placement:ScalewayPlacementGroup",
} as const;
