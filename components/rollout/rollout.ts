import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { inOrder } from "../../model/inventory/dependency-order.ts";
import type { Wave } from "../../model/inventory/waves.ts";
import type { HostContext } from "../host/context.ts";
import { Host } from "../host/host.ts";
import { ConcurrencyLimit } from "../shared/concurrency-limit.ts";
import { Gate } from "./gate.ts";

/** What hosts share before there is any. */
export type HostsPlan = Omit<HostContext, "registered" | "deploymentLimit" | "after">;

/**
 * Registers all hosts, and the gates between their waves: servers and installs run together, deployments wait for the gate of the
 * wave before.
 * @returns the hosts by name
 */
export function createHosts(context: HostsPlan): ReadonlyMap<string, Host> {
  const { inventory } = context;
  const { waves, maxParallel } = inventory.rollout;
  const components = new Map<string, Host>();
  // A host may build for one of an earlier wave, so hosts come before gates, and learn of them once there are all.
  const gates = new Map<string, readonly pulumi.CustomResource[]>();
  let complete: () => void = () => {};
  const registration = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const shared: HostContext = {
    ...context,
    registered: components,
    after: (host) => registration.then(() => gates.get(host) ?? []),
    ...(maxParallel === null ? {} : { deploymentLimit: new ConcurrencyLimit(maxParallel) }),
  };
  for (const host of inOrder(inventory.hosts)) components.set(host.name, new Host(host, shared));
  let gate: readonly pulumi.CustomResource[] = [];
  for (const [index, wave] of waves.entries()) {
    for (const host of wave.hosts) gates.set(host, gate);
    // No wave waits for the last one.
    if (index < waves.length - 1) gate = createGate(wave, components, context).ready;
  }
  complete();
  return components;
}

function createGate(
  wave: Wave,
  components: ReadonlyMap<string, Host>,
  { inventory, projectRoot }: Pick<HostsPlan, "inventory" | "projectRoot">,
): Gate {
  const hosts = inventory.hosts.flatMap((host) => {
    const component = components.get(host.name);
    return component !== undefined && wave.hosts.includes(host.name) ? [{ host, component }] : [];
  });
  return new Gate(wave.name, {
    hosts,
    soakSeconds: inventory.rollout.soakSeconds,
    contactSeconds: inventory.deadlines.deploy.contact,
    // No host's name starts like this.
    logDirectory: path.join(projectRoot, ".fleet", "logs", pulumi.getStack(), "_rollout"),
  });
}
