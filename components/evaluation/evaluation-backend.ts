import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import type { EvaluationBackend } from "../../runtime/nix/evaluation/backend.ts";
import { remoteBackend } from "../../runtime/nix/evaluation/remote-backend.ts";
import { hasLocalNix } from "../../runtime/nix/local-nix.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";
import { EvaluationMachines } from "./evaluation-hosts.ts";

/** Deadline of one evaluation on a machine, which may have to fetch nixpkgs first. */
const evaluationSeconds = 1800;

/** Where there is no Nix here: who evaluates instead. Nothing where there is one. */
export async function evaluationWithoutNix(stack: {
  readonly inventory: Inventory;
  readonly projectRoot: string;
  readonly cacheRoot: string;
  readonly recordedHosts: RecordedHosts;
}): Promise<{
  readonly machines: EvaluationMachines | null;
  readonly backend: { readonly backend?: EvaluationBackend };
}> {
  if (await hasLocalNix()) return { machines: null, backend: {} };
  const { cacheRoot, projectRoot, recordedHosts } = stack;
  const { hosts, deadlines } = stack.inventory;
  const machines = new EvaluationMachines(
    hosts.map(({ name }) => name),
    {
      preview: pulumi.runtime.isDryRun(),
      contactSeconds: { soon: deadlines.preview.host, late: deadlines.deploy.contact },
      recordedHosts,
    },
  );
  void pulumi.log.info("there is no Nix here: systems are evaluated and built on other machines");
  const options = { projectRoot, cacheRoot, timeoutSeconds: evaluationSeconds };
  return { machines, backend: { backend: remoteBackend(machines, options) } };
}
