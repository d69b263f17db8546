import picocolors from "picocolors";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { type RebootResult, rebootHosts } from "../../runtime/operations/reboot.ts";
import type { Reporter } from "../../runtime/platform/reporter.ts";
import { readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { confirm } from "../io/confirm.ts";
import { textTable } from "../io/table.ts";

/** How `reboot` runs and prints. */
export interface RebootView {
  readonly yes: boolean;
  readonly json: boolean;
  readonly parallel: number;
  /** Seconds until a host has to be back. */
  readonly timeout: number;
  readonly keepGoing: boolean;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

const settleSeconds = 5;

/**
 * Reboots hosts, one after the other unless told otherwise.
 * @returns 0 if all are back on the system their boot entry names, else 1
 */
export async function reboot(
  selection: StackSelection,
  selectors: readonly string[],
  view: RebootView,
): Promise<number> {
  const outputs = await readStackOutputs(selection);
  const hosts = chooseHosts(outputs, selectors);
  if (!view.yes && !(await confirm(`Reboot ${hosts.join(", ")}`, view.write))) return 1;
  const results = await rebootHosts(
    hosts.map((host) => sshTarget(outputs, host)),
    {
      ...{ parallel: view.parallel, bootSeconds: view.timeout, keepGoing: view.keepGoing, settleSeconds },
      reporterOf: (host) =>
        progressReporter((line) => (view.json ? undefined : view.write(`${host}: ${line}\n`))),
      signal: view.signal,
    },
  );
  view.write(view.json ? `${JSON.stringify(results, null, 2)}\n` : `${rebootTable(results)}\n`);
  return results.every(({ outcome }) => outcome === "rebooted") ? 0 : 1;
}

/** Shows progress; has no log. */
function progressReporter(show: (line: string) => void): Reporter {
  return { progress: show, detail: () => {}, redact: (text) => text, logFile: "", tail: () => "" };
}

/** One row a host. @internal */
export function rebootTable(results: readonly RebootResult[]): string {
  return textTable(["host", "outcome", "back after", "runs"], results.map(row));
}

function row(result: RebootResult): string[] {
  switch (result.outcome) {
    case "rebooted":
      return [
        result.host,
        picocolors.green("rebooted"),
        `${result.seconds.toFixed(1)} s`,
        shortSystem(result.system),
      ];
    case "failed":
      return [result.host, picocolors.red("failed"), "", result.seen];
    case "not-begun":
      return [result.host, picocolors.yellow("not begun"), "", ""];
  }
}
