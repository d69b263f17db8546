import { formatDiskRecord } from "../../model/protocol/disk-layout.ts";
import type { Builder } from "../build/builder.ts";
import { formatIdentity } from "../host/identity-file.ts";
import type { Deadline } from "../platform/deadline.ts";
import type { RunResult } from "../platform/run-command.ts";
import type { SshSession } from "../ssh/session.ts";
import { removeDiskKeys, withDiskKeys } from "./disk-keys.ts";
import { type InstallRecord, type RecordedStep, recordPath } from "./machine/install-record.ts";
import { commandError, type InstallContext, phaseScript, runPhase } from "./machine/phase.ts";
import type { NixosAnywhere } from "./nixos-anywhere/run.ts";
import type { Preparation } from "./prepare.ts";

/** Who does an install's work: nixos-anywhere, and the place where the system is built. */
export interface InstallTools {
  readonly tool: NixosAnywhere;
  readonly workshop: Builder;
  readonly prepared: Preparation;
}

const mountPoint = "/mnt";

/**
 * Formats the disks, hands over identity and final host key, and installs the system; leaves out what `record` says is done.
 *
 * The host key goes over our own verified connection and into place before the installation, whose activation may need it
 * already (for secrets encrypted to it).
 */
export async function installSystem(
  context: InstallContext,
  means: InstallTools,
  session: SshSession,
  record: InstallRecord,
): Promise<void> {
  let current = record;
  const step = async (name: RecordedStep, work: () => Promise<void>) => {
    if (current.done.includes(name)) return;
    await work();
    current = { ...current, done: [...current.done, name] };
    await writeRecord(context, session, current);
  };
  await writeRecord(context, session, current);
  await removeDiskKeys(context, session);
  await step("disko", () =>
    runPhase(context, "disko", "formatting the disks", (limits) =>
      withDiskKeys(context, session, limits, async () => {
        const result = await formatDisks(context, means, session, limits);
        if (!result.ok) throw commandError(context, "disko", result, diskoHint);
      }),
    ),
  );
  await step("identity", () =>
    runPhase(context, "install", "handing over identity and host key", (limits) =>
      installIdentity(context, session, current, limits),
    ),
  );
  await step("install", () =>
    runPhase(context, "install", "copying and installing the system", async (limits) => {
      const result = await runInstallPhase(context, means, session, limits);
      if (!result.ok) throw commandError(context, "install", result);
    }),
  );
}

/**
 * nixos-anywhere copies what was built locally. It has no way to install what was built elsewhere without a Nix of ours, so then its steps
 * are ours.
 */
async function formatDisks(
  context: InstallContext,
  { tool, workshop, prepared }: InstallTools,
  session: SshSession,
  limits: Deadline,
): Promise<RunResult> {
  if (workshop.place.kind === "local") return await tool.phase("disko", session, limits.left());
  const script = await workshop.deliver(prepared.diskPart, { session }, workLimits(context, limits));
  return await session.run([script], stepLimits(context, limits));
}

async function runInstallPhase(
  context: InstallContext,
  { tool, workshop }: InstallTools,
  session: SshSession,
  limits: Deadline,
): Promise<RunResult> {
  if (workshop.place.kind === "local") return await tool.phase("install", session, limits.left());
  const target = { session, root: mountPoint };
  const system = await workshop.deliver("toplevel", target, workLimits(context, limits));
  return await session.script("install/install-system", [system], stepLimits(context, limits));
}

function workLimits(context: InstallContext, limits: Deadline) {
  return { host: context.spec.host, ...stepLimits(context, limits) };
}

function stepLimits({ signal, reporter }: InstallContext, limits: Deadline) {
  return { timeoutSeconds: limits.left(), signal, reporter };
}

const diskoHint =
  "correct the disk layout if the message names it, then run pulumi up again: the machine waits in the installer";

async function installIdentity(
  context: InstallContext,
  session: SshSession,
  record: InstallRecord,
  limits: Deadline,
): Promise<void> {
  const { hostKey, system } = context.spec;
  const { stack, host, reinstall, installId } = record;
  const identity = formatIdentity({ version: 1, stack, host, installId, reinstall }).trim();
  const disks = system.diskLayout === null ? "" : formatDiskRecord(system.diskLayout).trim();
  const key = hostKey.privateKey;
  const script = ["install/install-identity", mountPoint, identity, hostKey.publicKey, disks] as const;
  const input = key.endsWith("\n") ? key : `${key}\n`;
  await phaseScript(context, "install", session, script, { input, timeoutSeconds: limits.left() });
}

const recordSeconds = 30;

/** Writes how far the install came into the installer's memory, for the next run should this one end here. */
async function writeRecord(
  context: InstallContext,
  session: SshSession,
  record: InstallRecord,
): Promise<void> {
  const options = { input: JSON.stringify(record), timeoutSeconds: recordSeconds };
  await phaseScript(context, "disko", session, ["host/write-file", recordPath, "600"], options);
}
