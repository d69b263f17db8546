import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../model/naming/resource-names.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import {
  type DeploymentSettings,
  type DeployResult,
  type DeploySpec,
  deployResultSchema,
  type Goal,
} from "../../model/protocol/deploy.ts";
import { deployTriggers, driftTriggerIndex } from "../../model/protocol/triggers.ts";
import type { ConcurrencyLimit } from "../shared/concurrency-limit.ts";
import { fleetCommand } from "../shared/fleet-command.ts";
import { outputValue } from "../shared/output-value.ts";
import { compareIf } from "../shared/pulumi-internals.ts";
import type { NixosInstall } from "./nixos-install.ts";

/** One process is one update. It reaches only what is deployed anyway, as nothing but triggers is compared. */
const update = randomUUID();

/** Arguments of `NixosDeployment`. */
export interface NixosDeploymentArgs {
  /** `project/stack`: who owns the host. */
  readonly stack: string;
  readonly install: NixosInstall;
  readonly connection: pulumi.Input<DeploySpec["connection"]>;
  /** Final host key, the only one accepted. */
  readonly hostKey: pulumi.Input<string>;
  readonly system: pulumi.Input<HostSystem>;
  readonly build: pulumi.Input<DeploySpec["build"]>;
  readonly cache: pulumi.Input<DeploySpec["cache"]>;
  readonly goal: Goal;
  readonly settings: DeploymentSettings;
  /** It is only sometimes on. */
  readonly allowUnreachable: boolean;
  /** The disks were changed by hand to what the configuration says. */
  readonly acceptDiskLayout: boolean;
  /** Replaces the deployment once, unless it is empty: for drift to repair, or a host that is back; null: there is never one. */
  readonly driftToken: Promise<string> | null;
  readonly deadlines: DeploySpec["deadlines"];
  /** What it waits for in addition to the install. */
  readonly after: Promise<readonly pulumi.CustomResource[]>;
  /** Limits how many run at once; null: Pulumi does. */
  readonly deploymentLimit: ConcurrencyLimit | null;
  /** Absolute path. */
  readonly logDirectory: string;
}

/** The wanted system running on an installed host. Replaced, which means deployed in place, when the system's path changes. */
export class NixosDeployment extends pulumi.ComponentResource {
  readonly result: pulumi.Output<DeployResult>;
  /** Id of the run: another one means that the host was deployed again. */
  readonly runId: pulumi.Output<string>;
  readonly ready: readonly pulumi.CustomResource[];

  constructor(names: HostNames, args: NixosDeploymentArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.deployment);
    super(typeTokens.nixosDeployment, name, {}, { ...opts, aliases });
    const toplevel = pulumi.output(args.system).toplevel;
    const dependsOn = args.after.then((gates) => [...args.install.ready, ...gates]);
    const slot = args.deploymentLimit?.acquire(deploySpec(names, args), () => allKnown(toplevel, dependsOn));
    const runNames = names.of(parts.deploymentRun);
    const run = fleetCommand(
      runNames.name,
      {
        command: "deploy",
        spec: slot?.input ?? deploySpec(names, args),
        triggers: deployTriggers<pulumi.Input<string>>(
          toplevel,
          { goal: args.goal, allowUnreachable: args.allowUnreachable },
          args.driftToken,
          args.install.runId,
        ),
        result: deployResultSchema,
      },
      {
        parent: this,
        dependsOn,
        ignoreChanges: [driftTrigger],
        ...(args.driftToken === null
          ? {}
          : {
              // An empty token stays ignored, so that its going replaces nothing.
              transforms: [
                compareIf(
                  driftTrigger,
                  args.driftToken.then((token) => token !== ""),
                ),
              ],
            }),
        aliases: runNames.aliases,
      },
    );
    slot?.until(run.resource.id);
    this.result = run.result;
    this.runId = run.resource.id;
    this.ready = [run.resource];
    this.registerOutputs({ system: this.result.system, outcome: this.result.outcome });
  }
}

const driftTrigger = `triggers[${driftTriggerIndex}]`;

async function allKnown(
  system: pulumi.Output<string>,
  resources: Promise<readonly pulumi.Resource[]>,
): Promise<void> {
  const registered = (await resources).map(({ urn }) => urn);
  await Promise.all([system, ...registered].map(outputValue));
}

function deploySpec({ host, aliases }: HostNames, args: NixosDeploymentArgs): pulumi.Output<unknown> {
  return pulumi.output({
    version: 1,
    stack: args.stack,
    host,
    aliases: [...aliases],
    connection: args.connection,
    hostKey: args.hostKey,
    system: args.system,
    build: args.build,
    cache: args.cache,
    goal: args.goal,
    update,
    ...args.settings,
    ...(args.allowUnreachable ? { allowUnreachable: true } : {}),
    acceptDiskLayout: args.acceptDiskLayout,
    deadlines: args.deadlines,
    logDirectory: args.logDirectory,
  });
}
