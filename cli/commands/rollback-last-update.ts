import picocolors from "picocolors";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { inspectForRollback } from "../../runtime/operations/rollback/inspect-hosts.ts";
import { planRollback, type RollbackPlan } from "../../runtime/operations/rollback/plan.ts";
import { type RollbackResult, rollBackHosts } from "../../runtime/operations/rollback/rollback-hosts.ts";
import { configuredTarget, readStackOutputs, type StackSelection } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { confirm } from "../io/confirm.ts";
import { textTable } from "../io/table.ts";
import type { View } from "../io/view.ts";
import { hostReporter, logDirectory } from "./host-reporter.ts";
import { duration } from "./status.ts";

/** How `rollback --last-update` runs and prints. */
export interface LastUpdateView extends View {
  readonly yes: boolean;
  readonly parallel: number;
}

const lookSeconds = 30;
const looksAtOnce = 16;

/**
 * Rolls back what the last update has changed on hosts that selectors name.
 * @returns 0 if all of it is rolled back, or there is nothing to roll back; else 1
 */
export async function rollBackLastUpdate(
  selection: StackSelection,
  selectors: readonly string[],
  view: LastUpdateView,
): Promise<number> {
  const { yes, json, parallel, signal, write } = view;
  const outputs = await readStackOutputs(selection);
  const targets = chooseHosts(outputs, selectors).map((host) => configuredTarget(outputs, host));
  const looked = await inspectForRollback(targets, {
    timeoutSeconds: lookSeconds,
    parallel: looksAtOnce,
    signal,
  });
  const plan = planRollback(looked.map(({ look }) => look));
  if (!json) write(`${planText(plan)}\n`);
  if (plan.steps.length > 0 && !yes && !(await confirm(questionOf(plan), write))) return 1;
  const results = await rollBackHosts(plan.steps, looked, {
    parallel,
    signal,
    logDirectoryOf: (host) => logDirectory(selection, host),
    reporterOf: ({ target }, folder) => hostReporter("rollback", target, folder),
  });
  if (json) write(`${JSON.stringify({ results, obstacles: plan.obstacles }, null, 2)}\n`);
  else if (results.length > 0) write(`${resultTable(results)}\n`);
  const done = results.every(({ outcome }) => outcome === "rolled-back" || outcome === "staged");
  return done && plan.obstacles.length === 0 ? 0 : 1;
}

function questionOf({ steps }: RollbackPlan): string {
  return `Roll back ${steps.length === 1 ? "1 host" : `${steps.length} hosts`}`;
}

/** One row a host to be rolled back; below them, hosts that cannot be. @internal */
export function planText({ steps, obstacles }: RollbackPlan): string {
  const rows = steps.map(({ host, from, to, operator, age }) => [
    ...[host, shortSystem(from), shortSystem(to), `${duration(age)} ago`, operator],
  ]);
  const head = ["host", "from", "back to", "deployed", "by"];
  return [
    steps.length === 0 ? "no update is known that could be rolled back" : textTable(head, rows),
    ...obstacles.map(({ host, reason }) => `${host}: ${reason}`),
  ].join("\n");
}

/** One row a host that was to be rolled back. @internal */
export function resultTable(results: readonly RollbackResult[]): string {
  return textTable(["host", "outcome", "runs"], results.map(row));
}

function row(result: RollbackResult): string[] {
  switch (result.outcome) {
    case "rolled-back":
      return [result.host, picocolors.green("rolled back"), shortSystem(result.to)];
    case "staged":
      return [result.host, picocolors.yellow("at its next boot"), shortSystem(result.to)];
    case "failed":
      return [result.host, picocolors.red("failed"), result.seen];
    case "not-begun":
      return [result.host, picocolors.yellow("not begun"), ""];
  }
}
