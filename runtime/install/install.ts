import { randomUUID } from "node:crypto";
import type { InstallResult, InstallSpec } from "../../model/protocol/install.ts";
import { openBuilder } from "../build/builder.ts";
import { stopwatch } from "../platform/deadline.ts";
import type { Reporter } from "../platform/reporter.ts";
import type { Assessment } from "./assess-machine.ts";
import { leaveRescue } from "./enter-rescue.ts";
import { infect } from "./infect/infect.ts";
import {
  type Assessed,
  connectOrRescue,
  enterViaRescue,
  reachInstaller,
  rescueWanted,
} from "./install-path.ts";
import { type InstallTools, installSystem } from "./install-system.ts";
import { kexecTarball } from "./kexec-tarball.ts";
import type { InstallRecord } from "./machine/install-record.ts";
import type { MachineFacts } from "./machine/machine-facts.ts";
import { type InstallContext, phaseError } from "./machine/phase.ts";
import { prepareNixosAnywhere } from "./nixos-anywhere/run.ts";
import { nixosAnywhere } from "./nixos-anywhere/source.ts";
import { type TarballSize, tarballSize } from "./preflight/preflight.ts";
import { checkBefore, prepare } from "./prepare.ts";
import { prepareInstaller } from "./prepare-installer.ts";
import { restart } from "./reboot-into-system.ts";
import { readRescuePin, removeRescuePin } from "./rescue/host-key-pin.ts";
import { verifyFirstBoot } from "./verify-first-boot.ts";

/**
 * Brings a machine to a running, verified NixOS with the host's identity, or finds that it is there already.
 *
 * Safe to call at any time: an installed host is adopted and nothing on it changes; what was interrupted goes on; everything
 * that is not clearly ours to wipe is refused.
 * @throws StepError with host, phase, what was seen and what to do next
 */
export async function install(
  spec: InstallSpec,
  options: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<InstallResult> {
  const elapsed = stopwatch();
  if (spec.bootstrap === "infect") return await infect({ spec, ...options });
  const { rescue } = spec;
  const rescueKey = rescue === null ? undefined : await readRescuePin(rescue.pinFile, rescue.serverId);
  const met = await connectOrRescue({ spec, ...options, ...(rescueKey === undefined ? {} : { rescueKey }) });
  try {
    const outcome = await applyDecision(met);
    // Whatever runs there now, runs from its disks.
    if (rescue !== null) await removeRescuePin(rescue.pinFile);
    if (outcome.outcome === "installed") options.reporter.progress("installed and verified");
    return { host: spec.host, ...outcome, seconds: Math.round(elapsed() * 10) / 10 };
  } finally {
    await met.judged.machine.leave();
  }
}

type Outcome = Omit<InstallResult, "host" | "seconds">;

async function applyDecision({ context, judged }: Assessed): Promise<Outcome> {
  const { seen, decision, shown } = judged;
  switch (decision.action) {
    case "refuse":
      if (shown === "rescue" && !seen.installer) await leaveRescue(context, judged.machine);
      throw phaseError(context, "facts", `refused to install: ${decision.reason}`, decision.next);
    case "adopt": {
      const { installId } = decision.identity;
      context.reporter.progress(`already installed (install ${installId}): nothing changed`);
      return { outcome: "adopted", installId, system: requireSystem(context, seen), bootId: seen.bootId };
    }
    case "install":
      context.reporter.progress(`installing: ${decision.reason}`);
      return await installWith(context, judged, newRecord(context.spec, randomUUID()));
    case "resume": {
      const { record, done } = decision;
      context.reporter.progress(
        `going on with an interrupted install (done: ${done.join(", ") || "nothing"})`,
      );
      return await installWith(context, judged, {
        ...newRecord(context.spec, record.installId),
        done: [...done],
      });
    }
  }
}

function requireSystem(context: InstallContext, seen: MachineFacts): string {
  if (seen.system !== null) return seen.system;
  throw phaseError(
    context,
    "facts",
    "the machine carries this host's identity, but no NixOS system runs on it",
    `find out what happened to it, or set wipe: ${context.spec.host} to install it again`,
  );
}

function newRecord(spec: InstallSpec, installId: string): InstallRecord {
  return {
    version: 1,
    stack: spec.stack,
    host: spec.host,
    reinstall: spec.reinstall,
    installId,
    toplevel: spec.system.toplevel,
    disko: spec.system.disko ?? "",
    done: [],
  };
}

async function installWith(
  context: InstallContext,
  judged: Assessment,
  record: InstallRecord,
): Promise<Outcome> {
  const { spec, reporter, signal } = context;
  const rescue = rescueWanted(context, judged);
  const tarball = await tarballSize(spec.kexecTarball);
  checkBefore(context, judged.seen, { tarball, throughRescue: rescue !== undefined });
  const { stack, host, system, build } = spec;
  await using workshop = await openBuilder({ stack, host, system, plan: build }, { reporter, signal });
  const prepared = await prepare(context, judged.seen, workshop);
  if (rescue === undefined) return await installReady({ context, judged }, { workshop, prepared }, record);
  await judged.machine.leave();
  const met = await enterViaRescue(context, rescue, "bootstrap: rescue");
  try {
    await checkRescued(met, tarball);
    return await installReady(met, { workshop, prepared }, record);
  } finally {
    await met.judged.machine.leave();
  }
}

/** The rescue system may know the disks by other names; a machine that cannot be installed after all does not stay in it. */
async function checkRescued({ context, judged }: Assessed, tarball: TarballSize): Promise<void> {
  try {
    checkBefore(context, judged.seen, { tarball });
  } catch (error) {
    await leaveRescue(context, judged.machine);
    throw error;
  }
}

/** Starts nixos-anywhere's work, with the installer that suits the machine. */
async function installReady(
  { context, judged }: Assessed,
  { workshop, prepared }: Omit<InstallTools, "tool">,
  record: InstallRecord,
): Promise<Outcome> {
  const { spec, signal } = context;
  const program = await nixosAnywhere({ timeoutSeconds: spec.deadlines.facts, signal });
  await using tarball = await kexecTarball(context, judged.seen);
  const { diskScript } = prepared;
  const run = { program, diskScript, tarball: tarball.location, place: workshop.place };
  await using tool = await prepareNixosAnywhere(context, run);
  return await runInstall(context, judged, { tool, workshop, prepared }, record);
}

async function runInstall(
  before: InstallContext,
  judged: Assessment,
  means: InstallTools,
  record: InstallRecord,
): Promise<Outcome> {
  const { context, machine: installer, seen } = await reachInstaller(before, means.tool, judged);
  let booted: Awaited<ReturnType<typeof restart>>;
  try {
    await prepareInstaller(context, installer.session, seen, means.prepared);
    await installSystem(context, means, installer.session, record);
    booted = await restart(context, installer, seen.bootId);
  } finally {
    await installer.leave();
  }
  await using session = booted.session;
  const { installId } = record;
  const checked = await verifyFirstBoot(context, session, { installId, bootId: booted.bootId });
  return { outcome: "installed", installId, ...checked };
}
