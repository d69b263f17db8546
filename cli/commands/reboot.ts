import picocolors from "picocolors";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { type RebootResult, rebootHosts } from "../../runtime/operations/reboot.ts";
import { configuredTarget, readStackOutputs, type StackSelection } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { confirm } from "../io/confirm.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";
import { hostReporter, logDirectory } from "./host-reporter.ts";

/** How `reboot` runs and prints. */
export interface RebootView extends View {
  readonly yes: boolean;
  readonly parallel: number;
  /** Seconds until a host has to be back; undefined: as it is configured. */
  readonly timeout?: number;
  readonly keepGoing: boolean;
}

/**
 * Reboots hosts as a deployment does, one after the other unless requested otherwise.
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
    hosts.map((host) => configuredTarget(outputs, host)),
    {
      parallel: view.parallel,
      bootSeconds: view.timeout,
      keepGoing: view.keepGoing,
      logDirectoryOf: (host) => logDirectory(selection, host),
      reporterOf: (target, folder) => hostReporter("reboot", target, folder),
      signal: view.signal,
    },
  );
  print(view, results, () => rebootTable(results));
  return results.every(({ outcome }) => outcome === "rebooted") ? 0 : 1;
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
