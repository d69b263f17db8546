import { type ConfigError, suggestion } from "../../model/errors/config-error.ts";
import type { Inventory, InventoryHost } from "../../model/inventory/inventory.ts";
import { formatHosts } from "../../model/naming/format-hosts.ts";
import type { Evaluator } from "../../runtime/nix/evaluation/evaluator.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { deduplicateErrors } from "./deduplicate-errors.ts";

/** Lists the configurations a flake has. */
export type ConfigurationLister = Pick<Evaluator, "configurationNames">;

/**
 * Hosts whose flake cannot be read or has no such configuration: found before anything is registered.
 * @param evaluator undefined: there is no local Nix
 */
export async function attributeErrors(
  inventory: Inventory,
  evaluator: ConfigurationLister | undefined,
): Promise<ConfigError[]> {
  // Without Nix on this machine only hosts can list them, and these are not known yet: each reports its own error when it is evaluated.
  if (evaluator === undefined) return [];
  const flakes = new Map<string, InventoryHost[]>();
  for (const host of inventory.hosts) {
    if (host.source.kind !== "flake") continue;
    flakes.set(host.source.flake, [...(flakes.get(host.source.flake) ?? []), host]);
  }
  const errors = [...flakes].map(([flake, hosts]) => errorsOfFlake(flake, hosts, evaluator));
  return deduplicateErrors((await Promise.all(errors)).flat());
}

async function errorsOfFlake(
  flake: string,
  hosts: readonly InventoryHost[],
  evaluator: ConfigurationLister,
): Promise<ConfigError[]> {
  try {
    const names = await evaluator.configurationNames(flake);
    return hosts.flatMap((host) => {
      if (host.source.kind !== "flake" || names.includes(host.source.attribute)) return [];
      const { attribute } = host.source;
      const reason = `the flake ${flake} has no nixosConfigurations.${attribute}${suggestion(attribute, names)}`;
      return [{ path: `fleet:hosts.${host.name}.flake`, reason }];
    });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const [first] = hosts;
    if (first === undefined) return [];
    // The message has many lines: at its end, the other hosts it concerns would not be found.
    const whose = hosts.length === 1 ? "" : `of ${formatHosts(hosts.map(({ name }) => name))}: `;
    return [{ path: `fleet:hosts.${first.name}.flake`, reason: `${whose}${error.message}` }];
  }
}
