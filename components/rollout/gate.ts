import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import { gateName, typeTokens } from "../../model/naming/resource-names.ts";
import { type GateResult, gateResultSchema } from "../../model/protocol/gate.ts";
import { gateTriggers } from "../../model/protocol/triggers.ts";
import type { Host } from "../host/host.ts";
import { fleetCommand } from "../shared/fleet-command.ts";

/** Arguments of `Gate`. */
export interface GateArgs {
  /** Hosts of the wave with their components. */
  readonly hosts: readonly { readonly host: InventoryHost; readonly component: Host }[];
  readonly soakSeconds: number;
  readonly contactSeconds: number;
  /** Absolute path. */
  readonly logDirectory: string;
}

/** Separates a wave from the next: held for the soak, open only if every host of the wave is as it was deployed. */
export class Gate extends pulumi.ComponentResource {
  readonly result: pulumi.Output<GateResult>;
  readonly ready: readonly pulumi.CustomResource[];

  constructor(wave: string, args: GateArgs, opts?: pulumi.ComponentResourceOptions) {
    const names = gateName(wave);
    super(typeTokens.gate, names.gate, {}, opts);
    const key = waveKey(args);
    const runs = pulumi.all(args.hosts.map(({ component }) => component.deployment.runId)).apply(digest);
    const run = fleetCommand(
      names.run,
      {
        command: "gate",
        spec: gateSpec(wave, key, args),
        triggers: gateTriggers<pulumi.Input<string>>(key, runs),
        result: gateResultSchema,
      },
      { parent: this, dependsOn: args.hosts.flatMap(({ component }) => component.deployment.ready) },
    );
    this.result = run.result;
    this.ready = [run.resource];
    // What is not targeted keeps its old output, or has none.
    pulumi.all([key, run.resource.stdout]).apply(([wanted, line]: [string, string | undefined]) => {
      const held = line === undefined ? null : gateResultSchema.parse(JSON.parse(line)).key;
      if (wanted !== held) void pulumi.log.warn(skipped(wave), this);
    });
    this.registerOutputs({ hosts: this.result.hosts });
  }
}

function skipped(wave: string): string {
  return `wave "${wave}" is not held for this run (--target): what is deployed of later waves does not wait for it`;
}

/** Which host gets which system, in one short text. */
function waveKey({ hosts }: GateArgs): pulumi.Output<string> {
  const pairs = hosts.map(({ host, component }) =>
    component.system.toplevel.apply((system) => `${host.name}=${system} ${host.goal}`),
  );
  return pulumi.all(pairs).apply(digest);
}

function digest(texts: readonly string[]): string {
  return createHash("sha256")
    .update([...texts].sort().join("\n"))
    .digest("hex");
}

function gateSpec(wave: string, key: pulumi.Output<string>, args: GateArgs): pulumi.Output<unknown> {
  // The deployment of a host that may be away has to end as well, but where it is now says nothing.
  const steady = args.hosts.filter(({ host }) => !host.allowUnreachable);
  const hosts = steady.map(({ host, component }) => ({
    host: host.name,
    connection: component.connection,
    hostKey: component.identity.hostKey.publicKey,
    system: component.system.toplevel,
    goal: host.goal,
  }));
  return pulumi.output({
    version: 1,
    wave,
    key,
    hosts,
    soakSeconds: args.soakSeconds,
    contactSeconds: args.contactSeconds,
    logDirectory: args.logDirectory,
  });
}
