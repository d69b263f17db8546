import type { Deadline } from "../platform/deadline.ts";
import type { SshSession } from "../ssh/session.ts";
import { commandError, type InstallContext, phaseScript } from "./machine/phase.ts";

/** Where keys are in the installer. */
const keyFolder = "/run/fleet/keys";

/** Seconds for taking the keys away, whatever is left of the phase. */
const removalSeconds = 30;

/**
 * Does work that needs the keys of the disks: they go to the installer over our own connection, on standard input, and are taken away
 * when the work has ended, however it did.
 */
export async function withDiskKeys<T>(
  context: InstallContext,
  session: SshSession,
  limits: Deadline,
  work: () => Promise<T>,
): Promise<T> {
  const keys = Object.entries(context.spec.diskKeys);
  if (keys.length === 0) return await work();
  let result: T;
  try {
    for (const [file, key] of keys) {
      const script = ["install/write-disk-key", keyFolder, file] as const;
      await phaseScript(context, "disko", session, script, { input: key, timeoutSeconds: limits.left() });
    }
    result = await work();
  } catch (error) {
    // The first failure is the one to report; with the connection gone the keys end with the installer, or with the next run.
    await removeDiskKeys(context, session).catch((second: unknown) =>
      context.reporter.progress(
        `the keys of the disks are still in the installer's memory: ${String(second)}`,
      ),
    );
    throw error;
  }
  await removeDiskKeys(context, session);
  return result;
}

/** Takes keys away; an interrupted install may have left some. Done also after Ctrl-C. */
export async function removeDiskKeys(context: InstallContext, session: SshSession): Promise<void> {
  if (Object.keys(context.spec.diskKeys).length === 0) return;
  const removed = await session.script("install/remove-disk-keys", [keyFolder], {
    timeoutSeconds: removalSeconds,
    reporter: context.reporter,
  });
  if (!removed.ok) throw commandError(context, "disko", removed);
}
