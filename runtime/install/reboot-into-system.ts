import type { Deadline } from "../platform/deadline.ts";
import { pollUntil } from "../platform/poll-until.ts";
import { ConnectionError, type SshSession } from "../ssh/session.ts";
import type { LockedMachine } from "./enter-installer.ts";
import { type Contact, contact } from "./machine/connect.ts";
import { loginPlaces } from "./machine/login-endpoints.ts";
import { commandError, type InstallContext, phaseError, resumeHint, runPhase } from "./machine/phase.ts";
import { isMachineLost } from "./machine/unreachable.ts";
import { disarmRescue, resetServer } from "./rescue/power.ts";

const pause = 1;
const probeSeconds = 20;
/** Some machines drop off without notice. */
const farewellSeconds = 5;

/** An installed system that has booted. */
export interface Booted {
  readonly session: SshSession;
  readonly bootId: string;
}

/**
 * Reboots from the installer into the installed system, and connects to it: only the final host key on a new boot counts. A
 * machine that does not come back is reset once where its cloud can do that.
 * @returns a session with the installed system, and its boot id
 */
export async function restart(
  context: InstallContext,
  machine: LockedMachine,
  bootIdBefore: string,
): Promise<Booted> {
  const { rescue } = context.spec;
  try {
    return await runPhase(context, "reboot", "starting the installed system", async (limits) => {
      if (rescue !== null) await disarmRescue(context, rescue);
      const result = await machine.session.script("install/leave-installer", [], {
        timeoutSeconds: probeSeconds,
        signal: context.signal,
        reporter: context.reporter,
        elevate: true,
      });
      if (result.ok) await waitForDisconnect(context, machine.session);
      await machine.leave();
      if (isEncrypted(context)) context.reporter.progress(encryptedNotice);
      // A machine that does not say goodbye may be on its way all the same.
      const unclear = result.exitCode === 255 || (result.timedOut && !result.cancelled);
      if (!result.ok && !unclear) throw commandError(context, "reboot", result);
      return await awaitSystem(context, bootIdBefore, limits);
    });
  } catch (error) {
    // A machine that waits for its disks' password is not to be disturbed.
    if (rescue === null || isEncrypted(context) || context.signal.aborted || !isMachineLost(error))
      throw error;
    return await runPhase(
      context,
      "reboot",
      "it did not come back: resetting it through the cloud",
      async (limits) => {
        await resetServer(context, rescue, limits);
        return await awaitSystem(context, bootIdBefore, limits);
      },
    );
  }
}

/** A machine that reboots ends its connections itself; until then only the installer would answer. */
async function waitForDisconnect({ signal }: InstallContext, session: SshSession): Promise<void> {
  if (signal.aborted) return;
  const cancelled = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([session.isLost(farewellSeconds), cancelled]);
}

async function awaitSystem(context: InstallContext, bootIdBefore: string, limits: Deadline): Promise<Booted> {
  const look = async () => {
    const answer = await reconnect(context, bootIdBefore, limits.left());
    if (answer === undefined) return undefined;
    const { session, shown } = answer;
    const bootId = await readBootId(context, session);
    const rebooted = bootId !== undefined && bootId !== bootIdBefore;
    if (rebooted && shown === "final") return { session, bootId };
    await session.close();
    if (rebooted) throw phaseError(context, "reboot", oldSystem, oldSystemHint);
    return undefined;
  };
  const booted = await pollUntil(look, (found) => found !== undefined, {
    deadline: limits,
    pause,
    signal: context.signal,
  });
  if (booted !== undefined) return booted;
  throw phaseError(
    context,
    "reboot",
    "the machine still runs the installer",
    "reboot it by hand, then run pulumi up again",
  );
}

const oldSystem =
  "the machine rebooted, but shows the host key of before: it did not start the installed system";
const oldSystemHint =
  "check the machine's console for its boot loader's message; check the boot loader and the disk it is installed to";

const encryptedNotice =
  "its disks are encrypted: unless the configuration opens them by itself, the machine now waits for the password at its console";

function isEncrypted({ spec }: InstallContext): boolean {
  return Object.keys(spec.diskKeys).length > 0;
}

function contactHint(error: ConnectionError, context: InstallContext): string {
  const { user } = context.spec.connection;
  if (error.kind === "unreachable" && isEncrypted(context))
    return "open its disks at the machine's console, then run pulumi up again; the system is installed";
  if (error.kind === "unreachable")
    return "check the machine's console: boot loader, network and firewall of the configuration are the usual causes";
  if (error.kind === "user-key")
    return `authorize the stack's deploy key (users.users.${user}.openssh.authorizedKeys.keys), rebuild the server from its image, run pulumi up again`;
  return error.failure.next ?? resumeHint;
}

/** A session with whatever answers where the installed system should; undefined: the installer does not accept that user yet. */
async function reconnect(
  context: InstallContext,
  bootIdBefore: string,
  timeoutSeconds: number,
): Promise<Contact | undefined> {
  try {
    return await contact(context, timeoutSeconds, { place: "configured" });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const atImage = await imageAnswer(context, bootIdBefore);
    if (error.kind === "user-key" && atImage === "before") return undefined;
    const seen =
      atImage === "after" ? `${error.failure.seen}, but answers as root on port 22` : error.failure.seen;
    const next = contactHint(error, context);
    throw phaseError(
      context,
      "reboot",
      `the installed system: ${seen}`,
      next,
      atImage === "after" ? undefined : error,
    );
  }
}

/** What answers as root on port 22, where the installed system is configured otherwise: the boot before, or one after it. */
async function imageAnswer(
  context: InstallContext,
  bootIdBefore: string,
): Promise<"before" | "after" | undefined> {
  if (!loginPlaces(context.spec.connection).includes("image") || context.signal.aborted) return undefined;
  try {
    const { session } = await contact(context, probeSeconds / 4, { place: "image" });
    const bootId = await readBootId(context, session);
    await session.close();
    return bootId === bootIdBefore ? "before" : "after";
  } catch (error) {
    if (error instanceof ConnectionError) return undefined;
    throw error;
  }
}

async function readBootId(context: InstallContext, session: SshSession): Promise<string | undefined> {
  const result = await session.run(["cat", "/proc/sys/kernel/random/boot_id"], {
    timeoutSeconds: probeSeconds,
    signal: context.signal,
  });
  return result.ok ? result.stdout.trim() : undefined;
}
