import * as pulumi from "@pulumi/pulumi";
import { hostSystemFromClosure } from "../engine/nix/closure.ts";
import type { Evaluator } from "../engine/nix/evaluate.ts";
import { StepError } from "../engine/step-error.ts";
import type { InventoryHost } from "../fleet/inventory/inventory.ts";
import type { HostSystem } from "../fleet/protocol/connection.ts";
import type { FactBook } from "./fact-book.ts";

/** What evaluation needs, shared by all hosts of a run. */
export interface EvaluationContext {
  readonly evaluator: Evaluator;
  readonly facts: FactBook;
  /** Warnings already shown: hosts of one flake share most of theirs. */
  readonly shownWarnings: Set<string>;
}

/** Deadline for substituting a ready-made closure. */
const closureSeconds = 3600;

/**
 * The system wanted on a host. It depends on no resource: facts it needs are waited for one by one, and nothing else is.
 * Unknown in a preview that needs a fact of something that does not exist yet. A fault of one host's configuration is shown
 * on that host and leaves the others alone.
 */
export function hostSystem(
  host: InventoryHost,
  context: EvaluationContext,
  resource: pulumi.Resource,
): pulumi.Output<HostSystem> {
  const system = findSystem(host, context, resource).catch((error: unknown) => {
    if (error instanceof StepError) throw new pulumi.ResourceError(error.message, resource, true);
    throw error;
  });
  return pulumi.output(system);
}

async function findSystem(
  host: InventoryHost,
  context: EvaluationContext,
  resource: pulumi.Resource,
): Promise<HostSystem> {
  if (host.source.kind === "closure")
    return hostSystemFromClosure(host.source.path, { host: host.name, timeoutSeconds: closureSeconds });
  // Every host we manage lets the deploy key in: without it the first evaluation would be in vain.
  await context.facts.settle("deployKeys");
  const { flake, attribute } = host.source;
  const { evaluator, facts } = context;
  const evaluation = await evaluator.evaluateHost({ host: host.name, flake, attribute, facts });
  for (const warning of evaluation.warnings) {
    if (context.shownWarnings.has(warning)) continue;
    context.shownWarnings.add(warning);
    void pulumi.log.warn(warning, resource);
  }
  if (evaluation.kind === "known") return evaluation.system;
  void pulumi.log.info(`${host.name}: the system is unknown until ${evaluation.until}`, resource);
  // The engine's own marker: an Output that holds it is unknown, which is what the type cannot say.
  return pulumi.unknown as unknown as HostSystem;
}
