import type { InventoryHost } from "../../model/inventory/inventory.ts";
import { type Part, parts, previousResourceNames, resourceName } from "../../model/naming/resource-names.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { readStackRecord, type StackRecord } from "../../runtime/pulumi/state/deployments.ts";
import type { RecordedInstall } from "../../runtime/pulumi/state/installs.ts";
import { currentStack } from "./current-stack.ts";

/** What the state of the stack knows of its hosts, under their former names as well. */
export interface RecordedHosts {
  /** The host's install; undefined: it was never installed. */
  install(host: string): Promise<RecordedInstall | undefined>;
  /** Store path of the system that was deployed last; undefined: none was. */
  deployed(host: string): Promise<string | undefined>;
}

/** Reads the state once, when somebody asks. */
export function hostsOnRecord(hosts: readonly InventoryHost[], projectRoot: string): RecordedHosts {
  let reading: Promise<StackRecord> | undefined;
  const record = () => {
    reading ??= readRecord(projectRoot);
    return reading;
  };
  return {
    install: async (host) => find((await record()).installs, hosts, host, parts.installRun),
    deployed: async (host) => find((await record()).deployments, hosts, host, parts.deploymentRun),
  };
}

async function readRecord(projectRoot: string): Promise<StackRecord> {
  const record = await readStackRecord(currentStack(projectRoot));
  if (typeof record !== "string") return record;
  throw new StepError({
    step: "reading the stack's state",
    seen: record,
    next: "Without Nix here, and with no host that can evaluate, the state has to tell what is installed.",
  });
}

function find<T>(
  found: ReadonlyMap<string, T>,
  hosts: readonly InventoryHost[],
  host: string,
  part: Part,
): T | undefined {
  const { aliases = [] } = hosts.find(({ name }) => name === host) ?? {};
  const names = [resourceName(host, part), ...previousResourceNames(aliases, part)];
  return names.map((name) => found.get(name)).find((value) => value !== undefined);
}
