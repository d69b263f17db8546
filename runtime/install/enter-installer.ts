import type { HostLock } from "../host/lock/host-lock.ts";
import { type Deadline, deadlineIn } from "../platform/deadline.ts";
import type { RunResult } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { changedHostKey } from "./changed-host-key.ts";
import { contact } from "./machine/connect.ts";
import { inspect } from "./machine/inspect-machine.ts";
import { lockMachine } from "./machine/lock-machine.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { commandError, type InstallContext, phaseError, runPhase } from "./machine/phase.ts";
import { MachineLostError, responds } from "./machine/unreachable.ts";
import type { PresentedKey } from "./machine/wipe-guard.ts";
import type { NixosAnywhere } from "./nixos-anywhere/run.ts";
import { loginAsRoot, needsRootLogin } from "./root-login.ts";

/** A locked connection to a machine. */
export interface LockedMachine {
  readonly session: SshSession;
  readonly lock: HostLock;
  /** Frees the lock and ends the connection. */
  leave(): Promise<void>;
}

/** A machine in the installer, and its facts there. */
export interface InstallerSession {
  readonly machine: LockedMachine;
  readonly seen: MachineFacts;
}

/** Joins a session and its lock, so that both end together. */
export function lockedMachine(session: SshSession, lock: HostLock): LockedMachine {
  return {
    session,
    lock,
    async leave() {
      await lock.release();
      await session.close();
    },
  };
}

/** Seconds a stock image's own set-up is waited for; what takes longer hangs, and does not matter much. */
const firstBootSeconds = 180;

async function awaitFirstBoot(context: InstallContext, session: SshSession, left: number): Promise<void> {
  const result = await session.script("install/wait-cloud-init", [], {
    timeoutSeconds: Math.min(firstBootSeconds, left / 2),
    signal: context.signal,
    elevate: true,
  });
  if (result.timedOut) context.reporter.progress("the image's own set-up has not finished: continuing");
}

const kexecHint =
  "run pulumi up again; if the machine no longer answers, it needs its console: reset it in the cloud's console, or switch it off and on, first";

/**
 * Boots the machine into NixOS' installer, in memory, and comes back to it as root.
 *
 * The installer must show the host key the machine showed before: kexec images carry it over.
 */
export async function enterInstaller(
  context: InstallContext,
  tool: NixosAnywhere,
  before: { machine: LockedMachine; seen: MachineFacts; shown: PresentedKey },
): Promise<InstallerSession> {
  return await runPhase(context, "kexec", "booting the installer", async (limits) => {
    await awaitFirstBoot(context, before.machine.session, limits.left());
    const result = await startInstaller(context, tool, before, limits);
    if (!result.ok) {
      const { port } = before.machine.session.target.connection;
      const changed = changedHostKey(context, { shown: before.shown, port }, result);
      throw changed ?? (await kexecError(context, before.shown, result, limits));
    }
    await before.machine.leave();
    const { session } = await contact(context, limits.left(), { only: before.shown, place: "image" });
    try {
      const lock = await lockMachine(context, session, limits.left());
      const machine = lockedMachine(session, lock);
      return { machine, seen: await requireInstaller(context, machine, before.seen) };
    } catch (error) {
      await session.close();
      throw error;
    }
  });
}

async function startInstaller(
  context: InstallContext,
  tool: NixosAnywhere,
  { machine: { session }, shown }: { machine: LockedMachine; shown: PresentedKey },
  limits: Deadline,
): Promise<RunResult> {
  if (!needsRootLogin(session.target)) return await tool.phase("kexec", session, limits.left());
  await using asRoot = await loginAsRoot(context, session, shown, limits);
  return await tool.phase("kexec", asRoot, limits.left());
}

/** Whether a machine is gone matters only where something can be done about it, and takes the rest of the phase to know. */
async function kexecError(
  context: InstallContext,
  shown: PresentedKey,
  result: RunResult,
  limits: Deadline,
): Promise<StepError> {
  const error = commandError(context, "kexec", result, kexecHint);
  if (context.spec.rescue === null || (await responds(context, shown, limits))) return error;
  return new StepError(error.failure, { cause: new MachineLostError(error.message) });
}

/** Inspects a machine that runs the installer, and the disks of the layout as they are named there. */
export async function inspectInstaller(context: InstallContext, session: SshSession): Promise<MachineFacts> {
  const { facts } = context.spec.deadlines;
  return await inspect(context, session, deadlineIn(facts), context.spec);
}

async function requireInstaller(
  context: InstallContext,
  { session }: LockedMachine,
  before: MachineFacts,
): Promise<MachineFacts> {
  const seen = await inspectInstaller(context, session);
  if (seen.installer && (before.installer || seen.bootId !== before.bootId)) return seen;
  throw phaseError(
    context,
    "kexec",
    `the machine runs ${seen.os || "an unknown system"} and not the installer`,
    "run pulumi up again; if it happens again, the image does not support kexec: try another one",
  );
}
