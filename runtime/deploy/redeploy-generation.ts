import { deployDeadlines } from "../../model/config/settings/deadlines.ts";
import type { Health } from "../../model/health/check.ts";
import { type DeployResult, deploySpecSchema } from "../../model/protocol/deploy.ts";
import { unevaluatedSystem } from "../../model/protocol/unevaluated-system.ts";
import type { Operation } from "../host/deployment-records.ts";
import type { HostState } from "../host/host-state.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshTarget } from "../ssh/session.ts";
import { deploy } from "./deploy.ts";

/** A system that a host has already. */
export interface ExistingSystem {
  /** Store path, rooted on the host. */
  readonly system: string;
  /** Generation to make the profile's again; undefined: a new one. */
  readonly generation?: number;
}

/** How a host is put back. */
export interface RedeployOptions {
  /** What the history says it was. */
  readonly operation: Exclude<Operation, "deploy">;
  /** What has to hold for it to stay. */
  readonly health: Health;
  readonly reporter: Reporter;
  readonly logDirectory: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a system that a host has already into force again, the same way as a deployment: tested, healthy, confirmed, committed, or taken
 * back. Nothing is built or copied. The stack is not told: it goes on wanting what it wanted.
 * @param state the host as it was looked at: who it is stands there
 * @throws StepError as a deployment does
 */
export async function redeployGeneration(
  target: SshTarget,
  state: HostState,
  { system, generation }: ExistingSystem,
  { operation, health, logDirectory, ...options }: RedeployOptions,
): Promise<DeployResult> {
  const { host, connection, hostKeys } = target;
  if (state.identity.kind !== "read" || state.identity.value.host !== host)
    throw new StepError({
      host,
      step: "identity",
      seen: "the machine does not carry this host's identity",
      next: "deploy it with `pulumi up` first, or check its address",
    });
  const spec = deploySpecSchema.parse({
    version: 1,
    stack: state.identity.value.stack,
    host,
    aliases: [],
    connection,
    hostKey: hostKeys[0],
    // That its disk layout is not known suits: the disks of the host are none of a rollback's business.
    system: unevaluatedSystem(system),
    acceptDiskLayout: false,
    build: { on: "auto" },
    goal: "switch",
    health,
    deadlines: deployDeadlines.parse({}),
    logDirectory,
  });
  return await deploy(spec, {
    ...options,
    present: { operation, ...(generation === undefined ? {} : { generation }) },
  });
}
