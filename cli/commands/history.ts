import pLimit from "p-limit";
import picocolors from "picocolors";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import type { HistoryEntry } from "../../runtime/host/deployment-records.ts";
import { type HostHistory, readHistory } from "../../runtime/operations/history.ts";
import { readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";

/** How `history` reads and prints. */
export interface HistoryView extends View {
  /** Newest deployments of each host. */
  readonly count: number;
}

const hostSeconds = 30;
const parallel = 16;

/**
 * Shows the deployments that hosts remember.
 * @param host undefined: all hosts of the stack
 * @returns 0 if every host answered, else 1
 */
export async function history(
  selection: StackSelection,
  host: string | undefined,
  view: HistoryView,
): Promise<number> {
  const { count, signal } = view;
  const outputs = await readStackOutputs(selection);
  const names = host === undefined ? Object.keys(outputs.hosts).sort() : [host];
  const limit = pLimit(parallel);
  const read = names.map((name) =>
    limit(() => readHistory(sshTarget(outputs, name), { count, timeoutSeconds: hostSeconds, signal })),
  );
  const histories = await Promise.all(read);
  print(view, histories, () => historyTable(histories));
  return histories.every(({ reachable }) => reachable) ? 0 : 1;
}

/** One row a deployment, oldest first; below the table, what could not be read. */
function historyTable(histories: readonly HostHistory[]): string {
  const rows = histories
    .flatMap((read) => (read.reachable ? read.entries.map((entry) => ({ host: read.host, entry })) : []))
    .sort((a, b) => a.entry.time.localeCompare(b.entry.time))
    .map(({ host, entry }) => [
      entry.time.slice(0, 19).replace("T", " "),
      host,
      outcomeText(entry),
      shortSystem(entry.to),
      entry.request.revision === null
        ? "–"
        : `${entry.request.revision.slice(0, 10)}${entry.request.dirty ? " + changes" : ""}`,
      entry.request.operator,
      `${Math.round(entry.seconds)} s`,
    ]);
  const table = textTable(["time (host)", "host", "outcome", "system", "revision", "operator", "took"], rows);
  return [table, ...histories.flatMap(remark)].join("\n");
}

/** `failed: units (old system back)`; `rollback` is before what was not a deployment. */
function outcomeText({ outcome, reason, reverted, rebooted, request }: HistoryEntry): string {
  const operation =
    request.operation === undefined || request.operation === "deploy" ? "" : `${request.operation} `;
  if (outcome !== "failed")
    return picocolors.green(`${operation}${reason === "inhibited" ? "staged" : outcome}`);
  const backs: Record<HistoryEntry["reverted"], string> = {
    "not-needed": "",
    yes: " (old system back)",
    "with-errors": " (old system back, with errors)",
    no: " (old system NOT back)",
  };
  return picocolors.red(
    `${operation}failed: ${reason}${backs[reverted]}${rebooted === true ? ", rebooted" : ""}`,
  );
}

function remark(read: HostHistory): string[] {
  if (!read.reachable) return [`${read.host}: ${read.seen}`];
  if (read.unreadable === 0) return [];
  const lines = read.unreadable === 1 ? "1 line is" : `${read.unreadable} lines are`;
  return [`${read.host}: ${lines} damaged or by another version, and not shown`];
}
