import type { RescueAccess } from "../../model/protocol/rescue-access.ts";
import type { Deadline } from "../platform/deadline.ts";
import { pollUntil } from "../platform/poll-until.ts";
import { fingerprint } from "../ssh/fingerprint.ts";
import { scanHostKey } from "../ssh/scan-host-key.ts";
import { type Assessment, assess } from "./assess-machine.ts";
import type { LockedMachine } from "./enter-installer.ts";
import { contact } from "./machine/connect.ts";
import { imagePort } from "./machine/login-endpoints.ts";
import { type InstallContext, phaseError, runPhase } from "./machine/phase.ts";
import { writeRescuePin } from "./rescue/host-key-pin.ts";
import { bootRescue, disarmRescue } from "./rescue/power.ts";

/** A machine in the rescue system; `context` knows its key. */
export interface Rescued {
  readonly context: InstallContext;
  readonly judged: Assessment;
}

const pause = 1;

/**
 * Boots the machine into its cloud's rescue system, connects, takes the lock, inspects and decides again.
 *
 * The rescue system makes itself a host key with each boot, which cannot be known before: the first one shown is trusted, pinned
 * until the machine leaves it, and named.
 */
export async function enterRescue(
  context: InstallContext,
  access: RescueAccess,
  why: string,
): Promise<Rescued> {
  const { host } = context.spec;
  const { connected, rescued } = await runPhase(
    context,
    "rescue",
    `booting the rescue system (${why})`,
    async (limits) => {
      await bootRescue(context, access, limits);
      const rescueKey = await newHostKey(context, limits).catch(async (error: unknown) => {
        await disarmRescue(context, access);
        throw error;
      });
      context.reporter.progress(
        `rescue: its host key is trusted on first use and pinned until it is left: ${fingerprint(rescueKey)}`,
      );
      await writeRescuePin(access.pinFile, access.serverId, rescueKey);
      const rescued: InstallContext = { ...context, rescueKey };
      const connected = await contact(rescued, limits.left(), { only: "rescue", place: "image" });
      return { connected, rescued };
    },
  );
  try {
    const judged = await runPhase(rescued, "facts", `inspecting the disks of ${host} from rescue`, (limits) =>
      assess(rescued, connected, limits),
    );
    return { context: rescued, judged };
  } catch (error) {
    await connected.session.close();
    throw error;
  }
}

/** A key that none of the systems before has shown: those have booted from the disks, or are the rescue system of another time. */
async function newHostKey(context: InstallContext, limits: Deadline): Promise<string> {
  const { spec, signal, rescueKey } = context;
  const old = [spec.hostKey.publicKey, spec.bootstrapHostKey, rescueKey].filter(
    (key) => typeof key === "string",
  );
  const known = old.map(fingerprint);
  const { address, jump = [], privateKey } = spec.connection;
  const through = jump.length === 0 ? {} : { through: { jump, privateKey } };
  const target = { host: spec.host, address, port: imagePort, ...through };
  const isNew = (key: string) => !known.includes(fingerprint(key));
  const look = () => scanHostKey(target, { timeoutSeconds: limits.left(), signal });
  const key = await pollUntil(look, isNew, { deadline: limits, pause, signal });
  if (isNew(key)) return key;
  throw phaseError(
    context,
    "rescue",
    `the machine started its own system instead (host key ${fingerprint(key)})`,
    "run pulumi up again; if it happens again, check the server's console",
  );
}

const restartSeconds = 20;

/**
 * Sends a machine from the rescue system back into the system on its disks, with which nothing was done. The rescue system's key
 * stays pinned: a connection before it is gone has to know it.
 */
export async function leaveRescue(context: InstallContext, machine: LockedMachine): Promise<void> {
  const { reporter } = context;
  const result = await machine.session.script("install/leave-installer", [], {
    timeoutSeconds: restartSeconds,
    reporter,
  });
  await machine.leave();
  reporter.progress(
    result.ok
      ? "rescue: left, the machine starts the system on its disks"
      : "warning: the machine could not be sent out of the rescue system: reset it in the cloud's console",
  );
}
