import { ContactError, type SshSession } from "../ssh/session.ts";
import { contact } from "./contact.ts";
import type { LockedMachine } from "./installer.ts";
import { commandError, type InstallContext, phaseError, resumeHint, runPhase } from "./phase.ts";

const pauseMs = 1000;
const probeSeconds = 20;

/**
 * Reboots from the installer into the installed system, and connects to it: only the final host key on a new boot counts.
 * @returns a session with the installed system, and its boot id
 */
export async function restart(
  context: InstallContext,
  machine: LockedMachine,
  bootIdBefore: string,
): Promise<{ session: SshSession; bootId: string }> {
  return await runPhase(context, "reboot", "starting the installed system", async (limits) => {
    const result = await machine.session.script("restart", [], {
      timeoutSeconds: probeSeconds,
      signal: context.signal,
      reporter: context.reporter,
      elevate: true,
    });
    await machine.leave();
    if (isEncrypted(context)) context.reporter.progress(encryptedNotice);
    if (!result.ok && result.exitCode !== 255) throw commandError(context, "reboot", result);
    for (;;) {
      const { session, shown } = await reconnect(context, limits.left());
      const bootId = await readBootId(context, session);
      if (bootId !== undefined && bootId !== bootIdBefore) {
        if (shown === "final") return { session, bootId };
        await session.close();
        throw phaseError(context, "reboot", oldSystem, oldSystemHint);
      }
      await session.close();
      if (limits.left() <= 1)
        throw phaseError(
          context,
          "reboot",
          "the machine still runs the installer",
          "reboot it by hand, then run pulumi up again",
        );
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  });
}

const oldSystem =
  "the machine rebooted, but shows the bootstrap host key: it did not start the installed system";
const oldSystemHint =
  "look at the machine's console for its boot loader's message; check the boot loader and the disk it is installed to";

const encryptedNotice =
  "its disks are encrypted: unless the configuration opens them by itself, the machine now waits for the password at its console";

function isEncrypted({ spec }: InstallContext): boolean {
  return Object.keys(spec.diskKeys).length > 0;
}

function contactHint(error: ContactError, context: InstallContext): string {
  const { user } = context.spec.connection;
  if (error.kind === "unreachable" && isEncrypted(context))
    return "open its disks at the machine's console, then run pulumi up again; the system is installed";
  if (error.kind === "unreachable")
    return "look at the machine's console: boot loader, network and firewall of the configuration are the usual causes";
  if (error.kind === "user-key")
    return `let the stack's deploy key in (users.users.${user}.openssh.authorizedKeys.keys), rebuild the server from its image, run pulumi up again`;
  return error.failure.next ?? resumeHint;
}

async function reconnect(context: InstallContext, deadlineSeconds: number) {
  try {
    return await contact(context, deadlineSeconds);
  } catch (error) {
    if (!(error instanceof ContactError)) throw error;
    const next = contactHint(error, context);
    throw phaseError(context, "reboot", `the installed system: ${error.failure.seen}`, next, error);
  }
}

async function readBootId(context: InstallContext, session: SshSession): Promise<string | undefined> {
  const result = await session.run(["cat", "/proc/sys/kernel/random/boot_id"], {
    timeoutSeconds: probeSeconds,
    signal: context.signal,
  });
  return result.ok ? result.stdout.trim() : undefined;
}
