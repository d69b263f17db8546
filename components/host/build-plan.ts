import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { BuildMachine, BuildPlan } from "../../model/protocol/build.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import type { RegisteredHost } from "./context.ts";

/** Where a host is built, and what has to be there first. */
export interface HostBuild {
  readonly plan: pulumi.Output<BuildPlan>;
  readonly after: readonly pulumi.Resource[];
}

/**
 * The place a host is built, as its commands need it. A build host of the fleet has to be registered before those it builds
 * (`inOrder`).
 */
export function hostBuild(
  { name, build }: InventoryHost,
  {
    deployKey,
    registered,
  }: { readonly deployKey: DeployKey; readonly registered: ReadonlyMap<string, RegisteredHost> },
): HostBuild {
  const { privateKey } = deployKey;
  switch (build.on) {
    case "auto":
    case "local":
    case "target":
      return { plan: pulumi.output<BuildPlan>({ on: build.on }), after: [] };
    case "ssh": {
      const { machine, hostKey } = build;
      const connection = pulumi.output({ ...machine, privateKey });
      const known = machine.address.replaceAll(/[^A-Za-z0-9._-]/g, "-").replace(/^-+/, "");
      return { plan: machinePlan({ name: `build-${known}`, connection, hostKey }), after: [] };
    }
    case "host": {
      const builder = registered.get(build.host);
      if (builder === undefined)
        throw new Error(`"${build.host}", which builds "${name}", is not registered before it`);
      const { connection, identity, install } = builder;
      const hostKey = identity.hostKey.publicKey;
      return { plan: machinePlan({ name: build.host, connection, hostKey }), after: install.ready };
    }
  }
}

function machinePlan(machine: {
  readonly name: string;
  readonly connection: pulumi.Input<BuildMachine["connection"]>;
  readonly hostKey: pulumi.Input<string>;
}): pulumi.Output<BuildPlan> {
  return pulumi.output({ on: "machine" as const, machine }).apply((plan): BuildPlan => plan);
}
