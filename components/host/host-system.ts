import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { unevaluatedSystem } from "../../model/protocol/unevaluated-system.ts";
import type { Evaluator } from "../../runtime/nix/evaluation/evaluator.ts";
import { NoEvaluationHostError } from "../../runtime/nix/evaluation-hosts.ts";
import {
  hostSystemFromClosure,
  hostSystemFromClosureThere,
} from "../../runtime/nix/store/realise-closure.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import type { EvaluationMachines } from "../evaluation/evaluation-hosts.ts";
import type { FactRegistry } from "../facts/fact-registry.ts";
import type { GroupedMessages } from "../preview/grouped-messages.ts";
import { unknownValue } from "../shared/pulumi-internals.ts";

/** What evaluation needs, shared by all hosts of a run. */
export interface EvaluationContext {
  readonly evaluator: Pick<Evaluator, "evaluateHost">;
  readonly facts: FactRegistry;
  /** Warnings already shown: hosts of one flake share most of theirs. */
  readonly shownWarnings: Set<string>;
  /** What is reported about hosts when all have been checked. */
  readonly preview: { readonly notices: GroupedMessages };
  /** null: the local Nix evaluates. */
  readonly machines: EvaluationMachines | null;
}

/** Deadline for substituting a ready-made closure. */
const closureSeconds = 3600;

/**
 * The system wanted on a host. It depends on no resource: facts it needs are waited for one by one, and nothing else is.
 * Unknown in a preview that needs a fact of something that does not exist yet. An error of one host's configuration is shown
 * on that host and leaves the others alone.
 */
export function hostSystem(
  host: InventoryHost,
  context: EvaluationContext,
  resource: pulumi.Resource,
): pulumi.Output<HostSystem> {
  const system = findSystem(host, context, resource).catch(async (error: unknown) => {
    const last =
      error instanceof NoEvaluationHostError ? await keptSystem(error, host, context, resource) : undefined;
    if (last !== undefined) return last;
    if (error instanceof StepError) throw new pulumi.ResourceError(error.message, resource, true);
    throw error;
  });
  return pulumi.output(system);
}

/**
 * No host can evaluate. In a preview what was deployed last stays wanted: an unknown path would show as a replacement. An update has to
 * know, and fails.
 */
async function keptSystem(
  error: NoEvaluationHostError,
  { name }: InventoryHost,
  { machines }: EvaluationContext,
  resource: pulumi.Resource,
): Promise<HostSystem | undefined> {
  if (!pulumi.runtime.isDryRun()) return undefined;
  const toplevel = await machines?.lastDeployed(name);
  if (toplevel === undefined) return undefined;
  void pulumi.log.warn(
    `${name}: cannot determine whether its system changes; the preview continues with the one deployed last. ${error.message}`,
    resource,
  );
  // A preview uses nothing but its path.
  return unevaluatedSystem(toplevel);
}

async function findSystem(
  host: InventoryHost,
  context: EvaluationContext,
  resource: pulumi.Resource,
): Promise<HostSystem> {
  if (host.source.kind === "closure") {
    const options = { host: host.name, timeoutSeconds: closureSeconds };
    if (context.machines === null) return hostSystemFromClosure(host.source.path, options);
    const answer = await hostSystemFromClosureThere(host.source.path, context.machines, options);
    return answer.kind === "done" ? answer.value : unknownSystem(host, answer.until, context, resource);
  }
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
  return unknownSystem(host, evaluation.until, context, resource);
}

function unknownSystem(
  { name }: InventoryHost,
  until: string,
  { preview }: EvaluationContext,
  resource: pulumi.Resource,
): HostSystem {
  preview.notices.add({ host: name, resource, head: `the system is unknown until ${until}`, body: "" });
  return unknownValue();
}
