import { FactRegistry } from "../../../components/facts/fact-registry.ts";
import type { HostContext } from "../../../components/host/context.ts";
import type { Host } from "../../../components/host/host.ts";
import { DeployKey } from "../../../components/identity/deploy-key.ts";
import { createPreview } from "../../../components/preview/host-preview.ts";
import { Secrets } from "../../../components/shared/secrets.ts";
import { RecordedHosts } from "../../../components/state/recorded-hosts.ts";
import type { Inventory } from "../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../model/inventory/static-facts.ts";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import type { Evaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import { cacheRoot } from "./mock-engine.ts";

type HostEvaluator = Pick<Evaluator, "evaluateHost">;

/** Evaluation is tested with the real Nix elsewhere; here it only has to be asked. */
export function knownEvaluator(system: HostSystem): HostEvaluator {
  return { evaluateHost: async () => ({ kind: "known", system, usedFacts: [], cached: true, warnings: [] }) };
}

/** Evaluates nothing, as where a fact is missing that a preview cannot know. */
export const waitingEvaluator: HostEvaluator = {
  evaluateHost: async () => ({ kind: "unknown", waitingFor: "deployKeys", until: "never", warnings: [] }),
};

/** Names of the deploy key at clouds; null, the default: it is not there. */
export interface KeyNames {
  readonly hetznerName?: string | null;
  readonly scalewayName?: string | null;
}

/** What facts there are in program `pulumi-nixos`, stack `test`, before anything exists. */
export function factsOf(inventory: Inventory): FactRegistry {
  return new FactRegistry(staticFacts(inventory, { project: "pulumi-nixos", stack: "test" }));
}

/** What the hosts of program `pulumi-nixos`, stack `test`, share, with a deploy key of its own. To be called within the program. */
export function hostContext(
  inventory: Inventory,
  { evaluator, ...key }: KeyNames & { readonly evaluator: HostEvaluator },
  facts: FactRegistry = factsOf(inventory),
): HostContext & { readonly registered: Map<string, Host> } {
  const { hetznerName = null, scalewayName = null } = key;
  const deployKey = new DeployKey("deploy-key", { hetznerName, scalewayName, protect: true });
  facts.provide(
    "deployKeys",
    deployKey.publicKey.apply((publicKey) => [publicKey]),
    "",
  );
  const recordedHosts = new RecordedHosts(inventory.hosts, async () => "nothing is recorded");
  return {
    stack: "pulumi-nixos/test",
    inventory,
    recordedHosts,
    deployKey,
    networks: new Map(),
    placements: new Map(),
    secrets: new Secrets(),
    registered: new Map(),
    preview: createPreview(inventory, cacheRoot, recordedHosts),
    projectRoot: "/project",
    evaluator,
    facts,
    shownWarnings: new Set(),
    machines: null,
  };
}
