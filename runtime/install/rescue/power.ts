import { BlockList } from "node:net";
import type { RescueAccess } from "../../../model/protocol/rescue-access.ts";
import { ApiError, type ApiServer, HetznerApi } from "../../cloud/hetzner/api.ts";
import { type Deadline, deadlineIn } from "../../platform/deadline.ts";
import { pollUntil } from "../../platform/poll-until.ts";
import { type InstallContext, phaseError } from "../machine/phase.ts";

/** Seconds for taking rescue back when something else has failed already. */
const disarmSeconds = 20;

/**
 * Restarts the server into the rescue system. Rescue that was asked for and not booted is switched off: it must not surprise
 * the next reboot of the machine.
 */
export async function bootRescue(
  context: InstallContext,
  access: RescueAccess,
  limits: Deadline,
): Promise<void> {
  const { spec, signal } = context;
  const api = new HetznerApi(access);
  const left = () => ({ timeoutSeconds: limits.left(), signal });
  const server = await api.server(access.serverId, left());
  if (!hasAddress(server, spec.connection.address))
    throw phaseError(
      context,
      "rescue",
      `server ${server.id} (${server.name}) does not have the address ${spec.connection.address}`,
      "run pulumi refresh, then pulumi up: the server's addresses were changed elsewhere",
    );
  try {
    if (server.rescue_enabled) await api.disableRescue(access.serverId, left());
    await api.enableRescue(access.serverId, access.sshKeyId, left());
    await restartOnce(api, access.serverId, server.status === "off" ? "poweron" : "reset", {
      limits,
      signal,
      taken: async () => !(await settledServer(api, access.serverId, limits, signal)).rescue_enabled,
    });
  } catch (error) {
    await disarmRescue(context, access);
    throw error;
  }
}

/** Hard reset from the outside, into the system on the disks. */
export async function resetServer(
  context: InstallContext,
  access: RescueAccess,
  limits: Deadline,
): Promise<void> {
  const { signal } = context;
  const api = new HetznerApi(access);
  const { status } = await api.server(access.serverId, { timeoutSeconds: limits.left(), signal });
  await disarmRescue(context, access);
  await restartOnce(api, access.serverId, status === "off" ? "poweron" : "reset", {
    limits,
    signal,
    taken: null,
  });
}

/** Takes rescue back, where it is asked for and not booted. Never fails: it is not what matters most at that moment. */
export async function disarmRescue({ reporter }: InstallContext, access: RescueAccess): Promise<void> {
  const api = new HetznerApi(access);
  const limits = { timeoutSeconds: disarmSeconds };
  try {
    const { rescue_enabled: armed } = await api.server(access.serverId, limits);
    if (!armed) return;
    await api.disableRescue(access.serverId, limits);
    reporter.progress("rescue is switched off: the next boot is from the disks");
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    reporter.progress(
      `warning: could not verify that rescue is off (${why}): within an hour a reboot may start it`,
    );
  }
}

interface Once {
  readonly limits: Deadline;
  readonly signal: AbortSignal;
  /** Whether an attempt whose answer was lost has taken effect; null: once more does no harm. */
  readonly taken: (() => Promise<boolean>) | null;
}

const pause = 2;
/** Seconds a restart may take to show in what the cloud says of the server. */
const effectSeconds = 30;
/** Answers that are clear: nothing was done. */
const refusals: readonly string[] = ["rate_limit_exceeded", "conflict", "locked"];

/** The server when no action runs on it any more. */
async function settledServer(
  api: HetznerApi,
  id: string,
  limits: Deadline,
  signal: AbortSignal,
): Promise<ApiServer> {
  const look = () => api.server(id, { timeoutSeconds: limits.left(), signal });
  return await pollUntil(look, ({ locked }) => !locked, { deadline: limits, pause, signal });
}

/** A second restart would undo the first, so it is asked for again only when the first has not taken effect. */
async function restartOnce(
  api: HetznerApi,
  id: string,
  how: "reset" | "poweron",
  { limits, signal, taken }: Once,
): Promise<void> {
  let failure: ApiError | undefined;
  const attempt = async () => {
    const unclear = failure !== undefined && !refusals.includes(failure.code);
    if (unclear && taken !== null && (await becomes(taken, limits, signal))) return undefined;
    try {
      await api.restart(id, how, { timeoutSeconds: limits.left(), signal });
      failure = undefined;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing) throw error;
      failure = error;
    }
    return failure;
  };
  const last = await pollUntil(attempt, (error) => error === undefined, { deadline: limits, pause, signal });
  if (last !== undefined) throw last;
}

/** Whether it is so, or will be in a while: a restart shows only when the machine boots. */
async function becomes(
  condition: () => Promise<boolean>,
  limits: Deadline,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = deadlineIn(Math.min(effectSeconds, limits.left() / 2));
  return await pollUntil(condition, (holds) => holds, { deadline, pause, signal });
}

/** Hetzner routes a /64 to each server. @internal */
export function hasAddress({ public_net: { ipv4, ipv6 } }: ApiServer, address: string): boolean {
  if (ipv4?.ip === address) return true;
  const [network, prefix = "64"] = ipv6?.ip.split("/") ?? [];
  if (network === undefined || !address.includes(":")) return false;
  const own = new BlockList();
  own.addSubnet(network, Number(prefix), "ipv6");
  return own.check(address, "ipv6");
}
