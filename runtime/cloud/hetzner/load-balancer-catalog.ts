import { z } from "zod";
import type { BalancerType } from "../../../model/cloud-catalog/load-balancer.ts";
import type { Limits } from "../../platform/limits.ts";
import { type ApiAccess, HetznerApi } from "./api.ts";
import { deprecationSchema, hasEnded } from "./deprecation.ts";

/** Of docs.hetzner.cloud, Load Balancer Types: what decides whether one can be had, and is large enough. */
const typeSchema = z.object({
  name: z.string(),
  max_services: z.number().int(),
  max_targets: z.number().int(),
  max_assigned_certificates: z.number().int(),
  /** Older answers have none. */
  deprecation: deprecationSchema,
  /** Where it can be paid for: the API says no more of locations. */
  prices: z.array(z.object({ location: z.string() })),
});

/** Asks Hetzner what load balancers it offers. @throws ApiError */
export async function fetchLoadBalancerTypes(access: ApiAccess, limits: Limits): Promise<BalancerType[]> {
  const types = await new HetznerApi(access).list("/load_balancer_types", "load_balancer_types", limits);
  const now = Date.now();
  return z
    .array(typeSchema)
    .parse(types)
    .map((type) => ({
      name: type.name,
      locations: hasEnded(type.deprecation, now) ? [] : type.prices.map(({ location }) => location),
      services: type.max_services,
      targets: type.max_targets,
      certificates: type.max_assigned_certificates,
    }));
}
