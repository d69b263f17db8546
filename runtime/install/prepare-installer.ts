import { layoutDevices } from "../../model/protocol/disk-layout.ts";
import type { SshSession } from "../ssh/session.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { commandError, type InstallContext, phaseError } from "./machine/phase.ts";
import { clockTolerance, deviceErrors } from "./preflight/preflight.ts";
import type { Preparation } from "./prepare.ts";

/**
 * Makes the installer fit for the work, before the disks are touched: the disks of the layout are located once more, since it may
 * know them by other names than the stock image; a wrong clock is set; little memory is stretched.
 * @param seen by a look a moment ago
 */
export async function prepareInstaller(
  context: InstallContext,
  session: SshSession,
  seen: MachineFacts,
  { memory }: Preparation,
): Promise<void> {
  const errors = deviceErrors(seen, layoutDevices(context.spec.system.diskLayout));
  if (errors.length > 0) {
    const said = ["in the installer the disks are other ones; none was touched:", ...errors].join("\n    ");
    throw phaseError(context, "disko", said, "name the disks by /dev/disk/by-id/…, then run pulumi up again");
  }
  await setClock(context, session, seen.clock);
  if (memory.zram) await stretchMemory(context, session, seen.memory);
}

async function setClock(context: InstallContext, session: SshSession, clock: number): Promise<void> {
  const now = Math.round(Date.now() / 1000);
  if (Math.abs(clock - now) <= clockTolerance) return;
  const result = await session.script("install/set-clock", [String(now)], limitsOf(context));
  // Without it the copy may still come from this machine.
  context.reporter.progress(
    result.ok
      ? `the installer's clock was wrong by ${Math.abs(clock - now)} s, and is set`
      : "warning: the installer's clock is wrong, and cannot be set",
  );
}

async function stretchMemory(context: InstallContext, session: SshSession, memory: number): Promise<void> {
  const result = await session.script(
    "install/enable-zram",
    [String(Math.floor(memory / 2))],
    limitsOf(context),
  );
  if (!result.ok) throw commandError(context, "disko", result);
  const [outcome, ...rest] = result.stdout.trim().split(" ");
  if (outcome === "zram") return context.reporter.detail(`compressed swap in memory: ${rest.join(" ")}`);
  context.reporter.progress(`the installer has no compressed swap (${rest.join(" ")}): continuing`);
}

function limitsOf({ spec, signal, reporter }: InstallContext) {
  return { timeoutSeconds: spec.deadlines.facts, signal, reporter };
}
