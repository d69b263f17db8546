import * as pulumi from "@pulumi/pulumi";
import type { Provider } from "../../model/config/providers.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { staticFacts } from "../../model/inventory/static-facts.ts";
import { createRemoteEvaluator } from "../evaluation/create-evaluator.ts";
import type { CustomFacts } from "../facts/custom-facts.ts";
import { FactRegistry } from "../facts/fact-registry.ts";
import { DeployKey } from "../identity/deploy-key.ts";
import { privateNetworks } from "../network/private-networks.ts";
import { createPlacementGroups } from "../placement/placement-groups.ts";
import { createPreview } from "../preview/host-preview.ts";
import type { HostsPlan } from "../rollout/rollout.ts";
import { Secrets } from "../shared/secrets.ts";
import { RecordedHosts } from "../state/recorded-hosts.ts";
import type { ProgramRun } from "./program-run.ts";

/** Registers what hosts share (deploy key, private networks, placement groups), and settles who evaluates their systems. */
export function planHosts(run: ProgramRun, inventory: Inventory, ownFacts: CustomFacts): HostsPlan {
  const { stack, projectRoot, cacheRoot, state, localEvaluator } = run;
  // Before anything is registered: later it would be the state of this run.
  const recordedHosts = new RecordedHosts(inventory.hosts, state);
  const deployKey = createDeployKey(inventory);
  const networks = privateNetworks(inventory.networks, stack);
  const placements = createPlacementGroups(inventory.hosts, stack);
  const evaluation =
    localEvaluator === undefined
      ? createRemoteEvaluator(inventory, recordedHosts, { projectRoot, cacheRoot })
      : { evaluator: localEvaluator, machines: null };
  return {
    ...evaluation,
    stack,
    projectRoot,
    inventory,
    deployKey,
    networks,
    placements,
    recordedHosts,
    facts: fleetFacts({ inventory, deployKey }, ownFacts),
    secrets: new Secrets(),
    preview: createPreview(inventory, cacheRoot, recordedHosts),
    shownWarnings: new Set(),
  };
}

function createDeployKey({ hosts }: Inventory): DeployKey {
  const nameAt = (cloud: Provider) =>
    hosts.some(({ provider }) => provider === cloud) ? `${pulumi.getProject()}-${pulumi.getStack()}` : null;
  return new DeployKey("deploy-key", {
    hetznerName: nameAt("hetzner"),
    scalewayName: nameAt("scaleway"),
    protect: hosts.some(({ protect }) => protect),
  });
}

/** The facts of a stack, those of its hosts still to be provided by them. */
function fleetFacts(
  { inventory, deployKey }: { inventory: Inventory; deployKey: DeployKey },
  customFacts: CustomFacts,
): FactRegistry {
  const names = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const facts = new FactRegistry(staticFacts(inventory, names, Object.keys(customFacts)));
  const keys = deployKey.publicKey.apply((key) => [key, ...inventory.ssh.authorizedKeys]);
  facts.provide("deployKeys", keys, "the deploy key exists");
  for (const [name, fact] of Object.entries(customFacts)) facts.provideFact(`facts.${name}`, fact);
  return facts;
}
