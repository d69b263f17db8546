import { randomUUID } from "node:crypto";
import type { InstallResult, InstallSpec } from "../../fleet/protocol/install.ts";
import { openWorkshop } from "../build/workshop.ts";
import { infect } from "../infect/infect.ts";
import type { Reporter } from "../progress/reporter.ts";
import { enterInstaller } from "./installer.ts";
import { type Judged, meet } from "./judge.ts";
import { type KexecTarball, kexecTarball } from "./kexec-tarball.ts";
import { prepareNixosAnywhere } from "./nixos-anywhere.ts";
import { nixosAnywhere } from "./nixos-anywhere-source.ts";
import type { Observation } from "./observation.ts";
import { type InstallContext, phaseError } from "./phase.ts";
import { tarballSize } from "./preflight.ts";
import { checkBefore, prepare } from "./prepare.ts";
import { type InstallMeans, putSystem } from "./put-system.ts";
import type { InstallRecord } from "./record.ts";
import { restart } from "./restart.ts";
import { tendInstaller } from "./tend-installer.ts";
import { verifyFirstBoot } from "./verify.ts";

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
  const started = Date.now();
  const context: InstallContext = { spec, ...options };
  if (spec.bootstrap === "infect") return await infect(context);
  const judged = await meet(context);
  try {
    const outcome = await carryOut(context, judged);
    if (outcome.outcome === "installed") context.reporter.progress("installed and verified");
    return { host: spec.host, ...outcome, seconds: Math.round((Date.now() - started) / 100) / 10 };
  } finally {
    await judged.machine.leave();
  }
}

type Outcome = Omit<InstallResult, "host" | "seconds">;

async function carryOut(context: InstallContext, judged: Judged): Promise<Outcome> {
  const { seen, decision } = judged;
  switch (decision.action) {
    case "refuse":
      throw phaseError(context, "facts", `refused to install: ${decision.reason}`, decision.next);
    case "adopt": {
      const { installId } = decision.identity;
      context.reporter.progress(
        `adopted: it is installed already (install ${installId}); nothing was changed`,
      );
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

function requireSystem(context: InstallContext, seen: Observation): string {
  if (seen.system !== null) return seen.system;
  throw phaseError(
    context,
    "facts",
    "the machine carries this host's identity, but no NixOS system runs on it",
    `find out what happened to it, or set wipe: ${context.spec.host} to install it anew`,
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

async function installWith(context: InstallContext, judged: Judged, record: InstallRecord): Promise<Outcome> {
  const { spec, reporter, signal } = context;
  checkBefore(context, judged.seen, await tarballSize(spec.kexecTarball));
  const { stack, host, system, build } = spec;
  const workshop = await openWorkshop({ stack, host, system, plan: build }, { reporter, signal });
  let tarball: KexecTarball | undefined;
  try {
    const prepared = await prepare(context, judged.seen, workshop);
    const program = await nixosAnywhere({ timeoutSeconds: spec.deadlines.facts, signal });
    tarball = await kexecTarball(context, judged.seen);
    const { diskScript } = prepared;
    const run = { program, diskScript, tarball: tarball.location, place: workshop.place };
    const tool = await prepareNixosAnywhere(context, run);
    try {
      return await runInstall(context, judged, { tool, workshop, prepared }, record);
    } finally {
      await tool.close();
    }
  } finally {
    await tarball?.remove();
    await workshop.close();
  }
}

async function runInstall(
  context: InstallContext,
  { machine, shown, seen }: Judged,
  means: InstallMeans,
  record: InstallRecord,
): Promise<Outcome> {
  const inInstaller = seen.installer && context.spec.connection.user === "root";
  const installer = inInstaller
    ? machine
    : await enterInstaller(context, means.tool, { machine, seen, shown });
  let booted: Awaited<ReturnType<typeof restart>>;
  try {
    const { bootId } = await tendInstaller(context, installer.session, means.prepared);
    await putSystem(context, means, installer.session, record);
    booted = await restart(context, installer, bootId);
  } finally {
    await installer.leave();
  }
  try {
    const { installId } = record;
    const checked = await verifyFirstBoot(context, booted.session, { installId, bootId: booted.bootId });
    return { outcome: "installed", installId, ...checked };
  } finally {
    await booted.session.close();
  }
}
