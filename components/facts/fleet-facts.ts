import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { staticFacts } from "../../model/inventory/static-facts.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import type { CustomFacts } from "./custom-facts.ts";
import { FactRegistry } from "./fact-registry.ts";

/** The facts of a stack, those of its hosts still to be provided by them. */
export function fleetFacts(
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
