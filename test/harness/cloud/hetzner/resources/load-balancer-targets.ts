/** Servers that a load balancer leads to. Label selectors and addresses of other machines are not emulated. */
import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { BalancerTarget, LoadBalancerRecord } from "../state.ts";
import { addressOf } from "./address-book.ts";
import { idSchema } from "./shared.ts";

const server = z.strictObject({ id: idSchema });
export const addTargetSchema = z.strictObject({
  type: z.literal("server"),
  server,
  use_private_ip: z.boolean().default(false),
});
export const removeTargetSchema = z.strictObject({ type: z.literal("server"), server });

/** Checks a target, and adds it. Errors as docs.hetzner.cloud lists them for `add_target`. */
export function addTarget(
  project: Project,
  balancer: LoadBalancerRecord,
  body: z.output<typeof addTargetSchema>,
): void {
  const target: BalancerTarget = { server: body.server.id, usePrivateIp: body.use_private_ip };
  const found = project.state.servers.get(target.server);
  if (found === undefined) {
    throw new ApiError(422, "invalid_input", "cloud target was not found");
  }
  if (balancer.targets.some((each) => each.server === target.server)) {
    throw new ApiError(422, "target_already_defined", `server ${target.server} is a target already`);
  }
  if (balancer.targets.length >= balancer.type.maxTargets) {
    throw new ApiError(
      403,
      "resource_limit_exceeded",
      `${balancer.type.name} has ${balancer.type.maxTargets} targets at most`,
    );
  }
  if (!target.usePrivateIp && addressOf(project, found, "ipv4") === undefined) {
    throw new ApiError(422, "missing_ipv4", `server ${target.server} has no public IPv4 address`);
  }
  if (target.usePrivateIp) {
    requireSameNetwork(balancer, target.server, new Set(found.privateNets.map(({ network }) => network)));
  }
  balancer.targets = [...balancer.targets, target];
}

function requireSameNetwork(balancer: LoadBalancerRecord, id: number, networks: ReadonlySet<number>): void {
  if (balancer.privateNet === null) {
    throw new ApiError(
      422,
      "load_balancer_not_attached_to_network",
      `load balancer ${balancer.id} is not attached to a network`,
    );
  }
  if (!networks.has(balancer.privateNet.network)) {
    throw new ApiError(
      422,
      "server_not_attached_to_network",
      `server ${id} is not attached to network ${balancer.privateNet.network}`,
    );
  }
}

/** Throws 404 `load_balancer_target_not_found`, which the provider looks for. */
export function removeTarget(balancer: LoadBalancerRecord, id: number): void {
  const kept = balancer.targets.filter((target) => target.server !== id);
  if (kept.length === balancer.targets.length) {
    throw new ApiError(404, "load_balancer_target_not_found", `server ${id} is not a target`);
  }
  balancer.targets = kept;
}
