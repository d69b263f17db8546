import { noPublication } from "../../model/protocol/binary-cache.ts";
import type { DeploySpec } from "../../model/protocol/deploy.ts";
import { unevaluatedSystem } from "../../model/protocol/unevaluated-system.ts";

/** What taking a host back keeps of its deployment, or of its configuration. */
export type RedeployBase = Pick<
  DeploySpec,
  "stack" | "host" | "connection" | "hostKey" | "health" | "generations" | "deadlines" | "logDirectory"
>;

/** What has to hold before a new system is tried may be what the new system has broken. */
const noPreDeploy: DeploySpec["preDeploy"] = { deadline: 1, checks: [] };

/**
 * The deployment of a system that the host has already.
 * @param system store path
 */
export function redeploySpec(base: RedeployBase, system: string): DeploySpec {
  const { stack, host, connection, hostKey, health, generations, deadlines, logDirectory } = base;
  return {
    version: 1,
    stack,
    host,
    aliases: [],
    connection,
    hostKey,
    // Its disk layout is not known, and the disks of the host are not a rollback's business.
    system: unevaluatedSystem(system),
    acceptDiskLayout: false,
    build: { on: "auto" },
    cache: noPublication,
    goal: "switch",
    update: null,
    preDeploy: noPreDeploy,
    health,
    generations,
    reboot: "never",
    drain: null,
    deadlines,
    logDirectory,
  };
}
