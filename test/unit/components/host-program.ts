import * as pulumi from "@pulumi/pulumi";
import { Host } from "../../../components/host/host.ts";
import { loadBalancerOutputs } from "../../../components/load-balancer/load-balancers.ts";
import { privateNetworks } from "../../../components/network/private-networks.ts";
import { createPlacementGroups } from "../../../components/placement/placement-groups.ts";
import { parseConfiguration } from "../../../model/config/parse.ts";
import { buildInventory } from "../../../model/inventory/inventory.ts";
import { unevaluatedSystem } from "../../../model/protocol/unevaluated-system.ts";
import { hostContext, knownEvaluator } from "./host-context.ts";
import { type Recording, recordProgram } from "./mock-engine.ts";

/** System that every host is to run. */
export const toplevel = `/nix/store/${"a".repeat(32)}-nixos-system-web`;
export const system = {
  ...unevaluatedSystem(toplevel, "x86_64-linux"),
  toplevelDerivation: `${toplevel}.drv`,
};
const evaluator = knownEvaluator(system);

/** What the stack has beside its host. */
interface StackParts {
  readonly networks?: Record<string, unknown>;
  readonly loadBalancers?: Record<string, unknown>;
}

/** Registers host `web` with these settings against the mock engine. */
export async function registerHost(
  settings: Record<string, unknown>,
  { networks = {}, loadBalancers = {} }: StackParts = {},
): Promise<Recording> {
  const raw = {
    "hcloud:token": "t",
    "scaleway:accessKey": "a",
    "scaleway:secretKey": "s",
    "scaleway:projectId": "p",
    "fleet:hosts": JSON.stringify({ web: settings }),
    "fleet:secrets": '{"web-disk":"open sesame"}',
    "fleet:networks": JSON.stringify(networks),
    "fleet:loadBalancers": JSON.stringify(loadBalancers),
  };
  pulumi.runtime.setAllConfig(raw, ["fleet:secrets"]);
  const inventory = buildInventory(parseConfiguration(raw, {}, { isSecret: () => true, plain: [] }));
  return recordProgram(() => {
    const context = {
      ...hostContext(inventory, {
        hetznerName: "pulumi-nixos-test",
        scalewayName: settings["provider"] === "scaleway" ? "pulumi-nixos-test" : null,
        evaluator,
      }),
      networks: privateNetworks(inventory.networks, "pulumi-nixos/test"),
      placements: createPlacementGroups(inventory.hosts, "pulumi-nixos/test"),
    };
    const hosts = new Map(inventory.hosts.map((host) => [host.name, new Host(host, context)] as const));
    const { networks } = context;
    loadBalancerOutputs({ stack: "pulumi-nixos/test", inventory, networks, hosts });
  });
}
