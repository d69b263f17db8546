import { z } from "zod";
import { suggestion } from "../errors/config-error.ts";
import type { LoadBalancer } from "../inventory/load-balancers.ts";
import { type InvalidChoice, listOf } from "./invalid-choice.ts";

/** What a load balancer takes of Hetzner's offers. */
export const balancerChoiceSchema = z.strictObject({
  type: z.string(),
  location: z.string(),
  /** How many it has of each. */
  services: z.number().int(),
  targets: z.number().int(),
  certificates: z.number().int(),
});
export type BalancerChoice = z.infer<typeof balancerChoiceSchema>;

/** A load balancer type: where it can be ordered, and the most it takes. */
export interface BalancerType {
  readonly name: string;
  readonly locations: readonly string[];
  readonly services: number;
  readonly targets: number;
  readonly certificates: number;
}

export function balancerChoiceOf({ type, location, services, targets }: LoadBalancer): BalancerChoice {
  const certificates = new Set(services.flatMap(({ http }) => http?.certificates ?? []));
  return {
    type,
    location,
    services: services.length,
    targets: targets.length,
    certificates: certificates.size,
  };
}

/** What of a load balancer Hetzner does not offer. */
export function validateLoadBalancerChoice(
  choice: BalancerChoice,
  types: readonly BalancerType[],
): InvalidChoice[] {
  const { type: wanted, location } = choice;
  const type = types.find(({ name }) => name === wanted);
  if (type === undefined) {
    const names = types.filter(({ locations }) => locations.length > 0).map(({ name }) => name);
    const reason = `Hetzner has no load balancer type "${wanted}"${suggestion(wanted, names)}`;
    return [{ setting: "type", reason }];
  }
  const wrong: InvalidChoice[] = [];
  if (type.locations.length === 0)
    wrong.push({ setting: "type", reason: `Hetzner has stopped offering "${wanted}"` });
  else if (!type.locations.includes(location))
    wrong.push({
      setting: "type",
      reason: `"${wanted}" is not offered in ${location}, but in ${listOf(type.locations)}`,
    });
  for (const setting of ["services", "targets", "certificates"] as const)
    if (choice[setting] > type[setting])
      wrong.push({
        setting: setting === "certificates" ? "services" : setting,
        reason: tooMany(setting, choice, type, types),
      });
  return wrong;
}

function tooMany(
  what: "services" | "targets" | "certificates",
  choice: BalancerChoice,
  type: BalancerType,
  types: readonly BalancerType[],
): string {
  const larger = types
    .filter((each) => each[what] >= choice[what] && each.locations.includes(choice.location))
    .map(({ name }) => name);
  const instead = larger.length === 0 ? "" : `; larger types: ${listOf(larger)}`;
  return `"${type.name}" takes ${type[what]} ${what}, and there are ${choice[what]}${instead}`;
}
