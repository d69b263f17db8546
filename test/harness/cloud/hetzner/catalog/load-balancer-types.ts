/** Load balancer types of Hetzner Cloud, as `GET /load_balancer_types` lists them. Prices in euro, net. */
import { locations } from "./locations.ts";
import { monthlyPrices } from "./prices.ts";

export interface LoadBalancerType {
  readonly id: number;
  readonly name: string;
  readonly maxConnections: number;
  readonly maxServices: number;
  readonly maxTargets: number;
  readonly maxCertificates: number;
  readonly monthlyPrice: number;
}

export const loadBalancerTypes: readonly LoadBalancerType[] = [
  { id: 1, name: "lb11", ...limits(10_000, 5, 25, 10), monthlyPrice: 5.39 },
  { id: 2, name: "lb21", ...limits(20_000, 15, 75, 25), monthlyPrice: 16.4 },
  { id: 3, name: "lb31", ...limits(40_000, 30, 150, 50), monthlyPrice: 32.9 },
];

function limits(maxConnections: number, maxServices: number, maxTargets: number, maxCertificates: number) {
  return { maxConnections, maxServices, maxTargets, maxCertificates };
}

/** A type as the API shows it; it is offered everywhere. */
export function loadBalancerTypeView(type: LoadBalancerType): object {
  return {
    id: type.id,
    name: type.name,
    description: type.name.toUpperCase(),
    max_connections: type.maxConnections,
    max_services: type.maxServices,
    max_targets: type.maxTargets,
    max_assigned_certificates: type.maxCertificates,
    deprecated: null,
    deprecation: null,
    prices: locations.map((location) => monthlyPrices(type.monthlyPrice, location)),
  };
}
