import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { createEvaluator, type Evaluator } from "../../runtime/nix/evaluation/evaluator.ts";
import { remoteBackend } from "../../runtime/nix/evaluation/remote-backend.ts";
import { hasLocalNix } from "../../runtime/nix/local-nix.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";
import { EvaluationMachines } from "./evaluation-hosts.ts";

/** Deadline of one evaluation on a machine, which may have to fetch nixpkgs first. */
const evaluationSeconds = 1800;

/** Folders of a project, absolute. */
interface ProjectFolders {
  readonly projectRoot: string;
  /** Such as `.fleet/cache`. */
  readonly cacheRoot: string;
}

/** The local Nix as the evaluator of this run; undefined: there is no local Nix. */
export async function createLocalEvaluator(folders: ProjectFolders): Promise<Evaluator | undefined> {
  return (await hasLocalNix()) ? createEvaluator(folders) : undefined;
}

/** Machines of the stack as evaluators of this run, for operators without Nix. */
export function createRemoteEvaluator(
  { hosts, deadlines }: Inventory,
  recordedHosts: RecordedHosts,
  folders: ProjectFolders,
): { readonly evaluator: Evaluator; readonly machines: EvaluationMachines } {
  const machines = new EvaluationMachines(
    hosts.map(({ name }) => name),
    {
      preview: pulumi.runtime.isDryRun(),
      contactSeconds: { soon: deadlines.preview.host, late: deadlines.deploy.contact },
      recordedHosts,
    },
  );
  void pulumi.log.info(
    "Nix is not installed on this machine: systems are evaluated and built on other machines",
  );
  const backend = remoteBackend(machines, { ...folders, timeoutSeconds: evaluationSeconds });
  return { evaluator: createEvaluator({ ...folders, backend }), machines };
}
