import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { BalancerCheck, BalancerService, LoadBalancer } from "../../model/inventory/load-balancers.ts";
import type { HostNames } from "../../model/naming/host-names.ts";
import { balancerNames, typeTokens } from "../../model/naming/resource-names.ts";

/** A host that a load balancer leads to. */
export interface BalancerTarget {
  readonly names: HostNames;
  readonly serverId: pulumi.Input<number>;
  /** What has to be over before traffic may reach it. */
  readonly after: readonly pulumi.Resource[];
}

/** Arguments of `HetznerLoadBalancer`. */
export interface HetznerLoadBalancerArgs {
  readonly balancer: LoadBalancer;
  /** Name at Hetzner, where names are unique in a project. */
  readonly hetznerName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Subnet in which it reaches its targets; null: it does so at their public addresses. */
  readonly subnetId: pulumi.Input<string> | null;
  readonly targets: readonly BalancerTarget[];
}

/** A load balancer of the stack at Hetzner Cloud, with its services, targets, and names in reverse DNS. */
export class HetznerLoadBalancer extends pulumi.ComponentResource {
  readonly balancerId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string>;
  readonly ipv6: pulumi.Output<string>;

  constructor(args: HetznerLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { balancer: settings } = args;
    const names = balancerNames(settings.name);
    super(typeTokens.hetznerLoadBalancer, names.component, {}, opts);
    const balancer = this.#balancer(args);
    const network = this.#network(args, balancer);
    // One after the other: services of one balancer must not meet.
    let last: pulumi.Resource = network ?? balancer;
    for (const service of settings.services) last = this.#service(settings.name, service, balancer, last);
    for (const family of ["ipv4", "ipv6"] as const)
      last = this.#pointer(settings, family, balancer, last) ?? last;
    for (const target of args.targets) this.#target(settings.name, target, balancer, network);
    this.balancerId = balancer.id;
    this.ipv4 = balancer.ipv4;
    this.ipv6 = balancer.ipv6;
    this.registerOutputs({ balancerId: this.balancerId, ipv4: this.ipv4, ipv6: this.ipv6 });
  }

  #balancer({ balancer, hetznerName, labels }: HetznerLoadBalancerArgs): hcloud.LoadBalancer {
    const { name, type, location, algorithm, deleteProtection, protect } = balancer;
    return new hcloud.LoadBalancer(
      balancerNames(name).balancer,
      {
        name: hetznerName,
        loadBalancerType: type,
        location,
        algorithm: { type: algorithm },
        labels,
        deleteProtection,
      },
      // The name can belong to one balancer at a time.
      { parent: this, protect, deleteBeforeReplace: true },
    );
  }

  #network(
    { balancer: settings, subnetId }: HetznerLoadBalancerArgs,
    balancer: hcloud.LoadBalancer,
  ): hcloud.LoadBalancerNetwork | undefined {
    if (settings.network === null || subnetId === null) return undefined;
    return new hcloud.LoadBalancerNetwork(
      balancerNames(settings.name).network,
      { loadBalancerId: balancer.id.apply(Number), subnetId, ip: settings.network.address },
      // A balancer is in one network at a time, and an address belongs to one machine.
      { parent: this, deleteBeforeReplace: true },
    );
  }

  #service(
    name: string,
    service: BalancerService,
    balancer: hcloud.LoadBalancer,
    after: pulumi.Resource,
  ): hcloud.LoadBalancerService {
    return new hcloud.LoadBalancerService(
      balancerNames(name).service(service.listen),
      {
        loadBalancerId: balancer.id,
        protocol: service.protocol,
        listenPort: service.listen,
        destinationPort: service.destination,
        proxyprotocol: service.proxyProtocol,
        healthCheck: healthCheck(service.check),
        ...(service.http === null ? {} : { http: httpOf(service.http) }),
      },
      // A port belongs to one service at a time.
      { parent: this, dependsOn: [after], deleteBeforeReplace: true },
    );
  }

  /** A target that is replaced for whatever reason leaves before it joins again, and before its server goes. */
  #target(
    name: string,
    { names, serverId, after }: BalancerTarget,
    balancer: hcloud.LoadBalancer,
    network: hcloud.LoadBalancerNetwork | undefined,
  ): hcloud.LoadBalancerTarget {
    const { target } = balancerNames(name);
    return new hcloud.LoadBalancerTarget(
      target(names.host),
      {
        type: "server",
        // A balancer that leaves its network forgets the targets it had there: they depend on its attachment to it.
        loadBalancerId: network?.loadBalancerId ?? balancer.id.apply(Number),
        serverId,
        usePrivateIp: network !== undefined,
      },
      {
        parent: this,
        dependsOn: [...after],
        deleteBeforeReplace: true,
        aliases: names.aliases.map((old) => ({ name: target(old) })),
      },
    );
  }

  #pointer(
    { name, ptrRecords }: LoadBalancer,
    family: "ipv4" | "ipv6",
    balancer: hcloud.LoadBalancer,
    after: pulumi.Resource,
  ): hcloud.Rdns | undefined {
    const dnsPtr = ptrRecords[family];
    if (dnsPtr === null) return undefined;
    return new hcloud.Rdns(
      balancerNames(name).rdns[family],
      { loadBalancerId: balancer.id.apply(Number), ipAddress: balancer[family], dnsPtr },
      { parent: this, dependsOn: [after] },
    );
  }
}

function healthCheck({ http, ...check }: BalancerCheck): hcloud.types.input.LoadBalancerServiceHealthCheck {
  if (http === null) return check;
  const { statusCodes, ...rest } = http;
  return { ...check, http: { ...rest, statusCodes: [...statusCodes] } };
}

/** What is for https alone is left out of http. */
function httpOf({
  sticky,
  cookie,
  lifetime,
  certificates,
  redirect,
}: NonNullable<BalancerService["http"]>): hcloud.types.input.LoadBalancerServiceHttp {
  return {
    stickySessions: sticky,
    cookieName: cookie,
    cookieLifetime: lifetime,
    redirectHttp: redirect,
    ...(certificates.length === 0 ? {} : { certificates: [...certificates] }),
  };
}
