/** A load balancer as the API shows it. */
import { loadBalancerTypeView } from "../catalog/load-balancer-types.ts";
import { firstIpv6 } from "../ip.ts";
import type { Project } from "../project.ts";
import type { BalancerTarget, LoadBalancerRecord } from "../state.ts";

/** The addresses that it answers at, without prefix. */
export function addressesOfBalancer({ ipv4, ipv6 }: LoadBalancerRecord): { ipv4: string; ipv6: string } {
  return { ipv4, ipv6: firstIpv6(ipv6) };
}

/** Name of an address from the start. */
function balancerName(address: string): string {
  const reversed = address.split(/[.:]/).filter(Boolean).toReversed().join(".");
  return `static.${reversed}.clients.your-server.de`;
}

export function loadBalancerView(project: Project, balancer: LoadBalancerRecord): object {
  const { ipv4, ipv6 } = addressesOfBalancer(balancer);
  const named = (ip: string) => ({ ip, dns_ptr: balancer.dnsPtr.get(ip) ?? balancerName(ip) });
  return {
    id: balancer.id,
    name: balancer.name,
    public_net: { enabled: balancer.publicInterface, ipv4: named(ipv4), ipv6: named(ipv6) },
    private_net: balancer.privateNet === null ? [] : [balancer.privateNet],
    location: balancer.location,
    load_balancer_type: loadBalancerTypeView(balancer.type),
    protection: { delete: balancer.protected },
    labels: balancer.labels,
    created: balancer.created,
    services: balancer.services,
    targets: balancer.targets.map((target) => targetView(project, balancer, target)),
    algorithm: { type: balancer.algorithm },
    included_traffic: 20 * 1024 ** 4,
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}

function targetView(project: Project, balancer: LoadBalancerRecord, target: BalancerTarget): object {
  return {
    type: "server",
    server: { id: target.server },
    use_private_ip: target.usePrivateIp,
    health_status: balancer.services.map(({ listen_port: port }) => ({
      listen_port: port,
      status: project.traffic.healthOf(balancer, port, target.server),
    })),
  };
}
