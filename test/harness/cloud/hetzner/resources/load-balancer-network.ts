/** A load balancer in a private network: one at most. */
import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { LoadBalancerRecord } from "../state.ts";
import { addressFor } from "./network-addresses.ts";
import { idSchema } from "./shared.ts";

export const balancerAttachSchema = z.strictObject({
  network: idSchema,
  ip: z.ipv4().optional(),
  /** Range of the subnet to take the address from. */
  ip_range: z.string().optional(),
});
export const balancerDetachSchema = z.strictObject({ network: idSchema });

/** Throws 409 `load_balancer_already_attached`, and what `addressFor` throws. */
export function joinNetwork(
  project: Project,
  balancer: LoadBalancerRecord,
  body: z.output<typeof balancerAttachSchema>,
): void {
  const network = project.get("networks", body.network);
  if (balancer.privateNet !== null) {
    throw new ApiError(
      409,
      "load_balancer_already_attached",
      `load balancer ${balancer.id} is attached to network ${balancer.privateNet.network}`,
    );
  }
  const zone = balancer.location.network_zone;
  const ip = addressFor(project, network, { zone, ip: body.ip, ipRange: body.ip_range });
  balancer.privateNet = { network: network.id, ip };
}

/** Targets that it reached there are its targets no more: the provider says so of networks that are deleted. */
export function leaveNetwork(project: Project, balancer: LoadBalancerRecord, network?: number): void {
  if (balancer.privateNet === null || (network !== undefined && balancer.privateNet.network !== network)) {
    throw new ApiError(
      404,
      "not_found",
      `load balancer ${balancer.id} is not attached to network ${network}`,
    );
  }
  balancer.privateNet = null;
  balancer.targets = balancer.targets.filter(({ usePrivateIp }) => !usePrivateIp);
  project.traffic.sync(balancer);
}
