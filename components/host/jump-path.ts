import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import type { JumpStep } from "../../model/inventory/jump.ts";
import type { JumpHop } from "../../model/protocol/connection.ts";
import type { Secrets } from "../shared/secrets.ts";
import type { RegisteredHost } from "./context.ts";

/** The jump hosts of a host. */
export interface JumpPath {
  /** In the order they are passed. Holds the private keys of hops that have one of their own. */
  readonly hops: pulumi.Output<JumpHop[]>;
  /** What has to be there before anything can go this way. */
  readonly ready: readonly pulumi.Resource[];
  /** Known once hosts of the fleet among them are installed. */
  readonly open: pulumi.Output<unknown>;
}

/** What the steps of a way are looked up in. */
export interface JumpPathContext {
  readonly inventory: Inventory;
  readonly secrets: Secrets;
  /** Hosts registered so far; those that others are reached through come first (`inOrder`). */
  readonly registered: ReadonlyMap<string, RegisteredHost>;
}

/**
 * Resolves the jump path to a host. Hosts of the fleet bring their address and their final host key from their own resources, and must be
 * installed before anything goes through them.
 */
export function resolveJumpPath(steps: readonly JumpStep[], context: JumpPathContext): JumpPath {
  const passed = steps.flatMap((step) => (step.kind === "host" ? [registeredHost(step.name, context)] : []));
  return {
    hops: pulumi.all(steps.map((step) => hopOf(step, context))),
    ready: passed.flatMap((host) => host.install.ready),
    open: pulumi.all(passed.map((host) => host.install.runId)),
  };
}

function hopOf(step: JumpStep, context: JumpPathContext): pulumi.Output<JumpHop> {
  if (step.kind === "machine") {
    const { address, port, user, hostKey, key } = step;
    const privateKey = key === null ? null : context.secrets.value(key);
    return pulumi.output({ name: address, address, port, user, hostKey, privateKey });
  }
  const { name } = step;
  const found = context.inventory.hosts.find((host) => host.name === name);
  if (found === undefined)
    throw new Error(`there is no host "${name}"; the configuration should have been refused`);
  const { server, identity } = registeredHost(name, context);
  const { address } = server;
  return pulumi.output({
    name,
    address,
    ...found.login,
    hostKey: identity.hostKey.publicKey,
    privateKey: null,
  });
}

function registeredHost(name: string, { registered }: JumpPathContext): RegisteredHost {
  const host = registered.get(name);
  if (host === undefined)
    throw new Error(`host "${name}" has to be registered before those that are reached through it`);
  return host;
}
