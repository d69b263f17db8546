import { identityPath } from "../host/identity-file.ts";
import { type Deadline, deadlineIn } from "../platform/deadline.ts";
import type { SshSession } from "../ssh/session.ts";
import { type LockedMachine, lockedMachine } from "./enter-installer.ts";
import { type Contact, contact } from "./machine/connect.ts";
import { inspect } from "./machine/inspect-machine.ts";
import { lockMachine } from "./machine/lock-machine.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { type InstallContext, type PhaseContext, phaseScript, runPhase } from "./machine/phase.ts";
import { type Decision, decide, type PresentedKey } from "./machine/wipe-guard.ts";
import { type DiskContents, parseDiskContents } from "./rescue/disk-contents.ts";
import { decideFromRescue } from "./rescue/wipe-guard.ts";

/** A machine that is locked, inspected and decided about. */
export interface Assessment {
  readonly machine: LockedMachine;
  readonly shown: PresentedKey;
  readonly seen: MachineFacts;
  readonly decision: Decision;
}

/** Seconds a broken connection may take to become known. */
const breakSeconds = 2;

/**
 * Connects, takes the lock, inspects and decides: all of it before anything is changed. A machine that goes away meanwhile (an
 * interrupted install may have left it about to reboot) is waited for and inspected again, within both deadlines.
 */
export async function connectAndAssess(context: InstallContext): Promise<Assessment> {
  const { contact: contactSeconds, facts } = context.spec.deadlines;
  const deadline = deadlineIn(contactSeconds + facts);
  for (;;) {
    const first = await runPhase(context, "contact", "waiting for SSH", (limits) =>
      contact(context, limits.left()),
    );
    try {
      return await runPhase(context, "facts", "inspecting the machine", (limits) =>
        assess(context, first, limits),
      );
    } catch (error) {
      const lost = await first.session.isLost(breakSeconds);
      await first.session.close();
      if (!lost || context.signal.aborted || deadline.remaining() === 0) throw error;
      context.reporter.progress("the connection was lost: connecting again");
    }
  }
}

/** Takes the lock, inspects and decides. A machine that does not run from its disks is judged by their contents. */
export async function assess(
  context: InstallContext,
  { session, shown }: Contact,
  limits: Deadline,
): Promise<Assessment> {
  const lock = await lockMachine(context, session, limits.left());
  try {
    const seen = await inspect(context, session, limits, context.spec);
    const byRecord = shown !== "rescue" || (seen.installer && seen.record.state !== "absent");
    const decision = byRecord
      ? decide(seen, shown, context.spec)
      : decideFromRescue(seen, await inspectDisks(context, session, limits), context.spec);
    return { machine: lockedMachine(session, lock), shown, seen, decision };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Inspects the disks of a machine that runs a rescue system or an installer, without changing them. */
async function inspectDisks(
  context: PhaseContext,
  session: SshSession,
  limits: Deadline,
): Promise<DiskContents> {
  const script = ["install/disk-contents", identityPath.slice(1)] as const;
  const options = { timeoutSeconds: limits.left() };
  return parseDiskContents(await phaseScript(context, "facts", session, script, options));
}
