import type { LockedMachine } from "./enter-installer.ts";
import type { InstallContext } from "./machine/phase.ts";

const restartSeconds = 20;

/**
 * Sends a machine from the rescue system back into the system on its disks, with which nothing was done. The rescue system's key
 * stays pinned: whoever comes before it is gone has to know it.
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
