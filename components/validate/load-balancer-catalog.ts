import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import {
  type BalancerChoice,
  balancerChoiceOf,
  wrongBalancer,
} from "../../model/cloud-catalog/load-balancer.ts";
import type { Fault } from "../../model/errors/config-error.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { ApiError } from "../../runtime/cloud/hetzner/api.ts";
import { balancerOffers } from "../../runtime/cloud/hetzner/load-balancer-catalog.ts";
import { knownBalancers, rememberBalancers } from "../../runtime/pulumi/validated-load-balancers.ts";
import { type AskedClouds, askSeconds, refusedToken, withoutAnswer } from "./server-catalog.ts";

/**
 * Asks Hetzner, before anything is registered, whether it has the load balancers that the stack wants: where any of them is new, or wants
 * something else than when it was last found right.
 */
export async function balancerOfferFaults(
  { loadBalancers }: Inventory,
  { cacheRoot, hetzner }: Pick<AskedClouds, "cacheRoot" | "hetzner">,
): Promise<Fault[]> {
  const place = { cacheRoot, environment: pulumi.getStack() };
  const wanted: Record<string, BalancerChoice> = Object.fromEntries(
    loadBalancers.map((balancer) => [balancer.name, balancerChoiceOf(balancer)]),
  );
  if (loadBalancers.length === 0 || hetzner === undefined) return [];
  const known = await knownBalancers(place);
  const asked = Object.entries(wanted).filter(([name, choice]) => !isDeepStrictEqual(known[name], choice));
  if (asked.length === 0) return [];
  try {
    const types = await balancerOffers(hetzner, { seconds: askSeconds });
    const faults = asked.flatMap(([name, choice]) =>
      wrongBalancer(choice, types).map(({ setting, reason }) => ({
        path: `fleet:loadBalancers.${name}.${setting}`,
        reason,
      })),
    );
    if (faults.length === 0) await rememberBalancers(place, wanted);
    return faults;
  } catch (error) {
    if (error instanceof ApiError && error.code === "unauthorized") return [refusedToken];
    await withoutAnswer("Hetzner", error, "load balancer types that the stack wants");
    return [];
  }
}
