import picocolors from "picocolors";
import { type ExecResult, execOnHosts } from "../../runtime/operations/exec.ts";
import { readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../runtime/pulumi/select-hosts.ts";
import { textTable } from "../io/table.ts";
import type { View } from "../io/view.ts";

/** How `exec` runs and prints. */
export interface ExecView extends View {
  readonly parallel: number;
  /** Seconds the command may take on each host. */
  readonly timeout: number;
  readonly root: boolean;
}

const contactSeconds = 30;

/**
 * Runs a command on every host that selectors name.
 * @param selectors hosts and tags, separated by commas
 * @returns 0 if it ended with 0 on all of them, else 1
 */
export async function exec(
  selection: StackSelection,
  selectors: string,
  command: readonly string[],
  view: ExecView,
): Promise<number> {
  const outputs = await readStackOutputs(selection);
  const hosts = chooseHosts(outputs, selectors.split(","));
  const width = Math.max(...hosts.map(({ length }) => length));
  const results = await execOnHosts(
    hosts.map((host) => sshTarget(outputs, host)),
    command,
    {
      parallel: view.parallel,
      timeoutSeconds: view.timeout,
      contactSeconds,
      elevate: view.root,
      onLine: (host, line) => {
        if (!view.json) view.write(`${picocolors.cyan(host.padEnd(width))} | ${line}\n`);
      },
      signal: view.signal,
    },
  );
  const failed = results.filter(({ exitCode }) => exitCode !== 0);
  if (view.json) view.write(`${JSON.stringify(results, null, 2)}\n`);
  else if (failed.length > 0) view.write(`${execTable(results)}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** How it ended on each host; shown where it did not end well on all of them. @internal */
export function execTable(results: readonly ExecResult[]): string {
  const rows = results.map(({ host, exitCode, error, seconds }) => [
    host,
    exitCode === 0 ? picocolors.green("0") : picocolors.red(error ?? String(exitCode)),
    `${seconds.toFixed(1)} s`,
  ]);
  return textTable(["host", "exit code", "took"], rows);
}
