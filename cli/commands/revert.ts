import path from "node:path";
import picocolors from "picocolors";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import { inspectForRevert } from "../../runtime/operations/revert/inspect-hosts.ts";
import { planRevert, type RevertPlan } from "../../runtime/operations/revert/plan.ts";
import { type RevertResult, revertHosts } from "../../runtime/operations/revert/revert.ts";
import { createRedactor } from "../../runtime/platform/redactor.ts";
import { createReporter } from "../../runtime/platform/reporter.ts";
import { healthOf, readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { confirm } from "../io/confirm.ts";
import { textTable } from "../io/table.ts";
import { duration } from "./status.ts";

/** How `revert` runs and prints. */
export interface RevertView {
  readonly yes: boolean;
  readonly json: boolean;
  readonly parallel: number;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

const lookSeconds = 30;
const looksAtOnce = 16;

/**
 * Takes back what the last update has changed on hosts that selectors name.
 * @returns 0 if all of it is taken back, or there is nothing to take back; else 1
 */
export async function revert(
  selection: StackSelection,
  selectors: readonly string[],
  view: RevertView,
): Promise<number> {
  const { yes, json, parallel, signal, write } = view;
  const outputs = await readStackOutputs(selection);
  const targets = chooseHosts(outputs, selectors).map((host) => sshTarget(outputs, host));
  const looked = await inspectForRevert(targets, {
    timeoutSeconds: lookSeconds,
    parallel: looksAtOnce,
    signal,
  });
  const plan = planRevert(looked.map(({ look }) => look));
  if (!json) write(`${planText(plan)}\n`);
  if (plan.steps.length > 0 && !yes && !(await confirm(questionOf(plan), write))) return 1;
  const logs = path.join(selection.projectRoot, ".fleet", "logs", selection.stack ?? "selected");
  const results = await revertHosts(plan.steps, looked, {
    ...{ parallel, signal },
    healthOf: (host) => healthOf(outputs, host),
    logDirectoryOf: (host) => path.join(logs, host),
    reporterOf: ({ target }, logDirectory) => {
      const redact = createRedactor(connectionSecrets(target.connection));
      return createReporter({ host: target.host, what: "revert", logDirectory, redact });
    },
  });
  if (json) write(`${JSON.stringify({ results, obstacles: plan.obstacles }, null, 2)}\n`);
  else if (results.length > 0) write(`${resultTable(results)}\n`);
  const done = results.every(({ outcome }) => outcome === "reverted" || outcome === "staged");
  return done && plan.obstacles.length === 0 ? 0 : 1;
}

function questionOf({ steps }: RevertPlan): string {
  return `Take back ${steps.length === 1 ? "1 host" : `${steps.length} hosts`}`;
}

/** One row a host to be taken back; below them, hosts that cannot be. @internal */
export function planText({ steps, obstacles }: RevertPlan): string {
  const rows = steps.map(({ host, from, to, operator, age }) => [
    ...[host, shortSystem(from), shortSystem(to), `${duration(age)} ago`, operator],
  ]);
  const head = ["host", "from", "back to", "deployed", "by"];
  return [
    steps.length === 0 ? "no update is known that could be taken back" : textTable(head, rows),
    ...obstacles.map(({ host, reason }) => `${host}: ${reason}`),
  ].join("\n");
}

/** One row a host that was to be taken back. @internal */
export function resultTable(results: readonly RevertResult[]): string {
  return textTable(["host", "outcome", "runs"], results.map(row));
}

function row(result: RevertResult): string[] {
  switch (result.outcome) {
    case "reverted":
      return [result.host, picocolors.green("reverted"), shortSystem(result.to)];
    case "staged":
      return [result.host, picocolors.yellow("at its next boot"), shortSystem(result.to)];
    case "failed":
      return [result.host, picocolors.red("failed"), result.seen];
    case "not-begun":
      return [result.host, picocolors.yellow("not begun"), ""];
  }
}
