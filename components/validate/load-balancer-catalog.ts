import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import {
  type BalancerChoice,
  balancerChoiceOf,
  validateLoadBalancerChoice,
} from "../../model/cloud-catalog/load-balancer.ts";
import type { ConfigError } from "../../model/errors/config-error.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { ApiError } from "../../runtime/cloud/hetzner/api.ts";
import { fetchLoadBalancerTypes } from "../../runtime/cloud/hetzner/load-balancer-catalog.ts";
import { validatedLoadBalancers } from "../../runtime/pulumi/validated-choices.ts";
import {
  type CloudValidationContext,
  rejectedTokenError,
  requestTimeoutSeconds,
  warnUnanswered,
} from "./server-catalog.ts";

/**
 * Asks Hetzner, before anything is registered, whether it has the load balancers that the stack wants: where any of them is new, or wants
 * something else than when it was last found right.
 */
export async function validateLoadBalancerTypes(
  { loadBalancers }: Inventory,
  { cacheRoot, hetzner }: Pick<CloudValidationContext, "cacheRoot" | "hetzner">,
): Promise<ConfigError[]> {
  const place = { cacheRoot, environment: pulumi.getStack() };
  const wanted: Record<string, BalancerChoice> = Object.fromEntries(
    loadBalancers.map((balancer) => [balancer.name, balancerChoiceOf(balancer)]),
  );
  if (loadBalancers.length === 0 || hetzner === undefined) return [];
  const known = (await validatedLoadBalancers.read(place)) ?? {};
  const asked = Object.entries(wanted).filter(([name, choice]) => !isDeepStrictEqual(known[name], choice));
  if (asked.length === 0) return [];
  try {
    const types = await fetchLoadBalancerTypes(hetzner, { timeoutSeconds: requestTimeoutSeconds });
    const errors = asked.flatMap(([name, choice]) =>
      validateLoadBalancerChoice(choice, types).map(({ setting, reason }) => ({
        path: `fleet:loadBalancers.${name}.${setting}`,
        reason,
      })),
    );
    if (errors.length === 0) await validatedLoadBalancers.write(place, wanted);
    return errors;
  } catch (error) {
    if (error instanceof ApiError && error.code === "unauthorized") return [rejectedTokenError];
    await warnUnanswered("Hetzner", error, "load balancer types that the stack wants");
    return [];
  }
}
