import { randomUUID } from "node:crypto";
import type { InstallResult } from "../../../model/protocol/install.ts";
import { openBuilder } from "../../build/builder.ts";
import { publishBuilt } from "../../build/push-built-system.ts";
import { formatIdentity } from "../../host/identity-file.ts";
import { type Deadline, stopwatch } from "../../platform/deadline.ts";
import type { SshSession } from "../../ssh/session.ts";
import type { Assessment } from "../assess-machine.ts";
import { connectAndAssess } from "../assess-machine.ts";
import { type InstallContext, phaseError, phaseScript, runPhase } from "../machine/phase.ts";
import { restart } from "../reboot-into-system.ts";
import { verifyFirstBoot } from "../verify-first-boot.ts";
import { copyPaths, databaseOf, localClosure, pathsMissing, type SizedPath } from "./closure.ts";
import { type InfectFacts, parseInfectFacts } from "./facts.ts";
import { decideInfection, type InfectDecision } from "./guard.ts";
import { diskSpaceErrors, infectPreflightErrors } from "./preflight.ts";
import { type InfectRecord, infectRecordPath } from "./record.ts";

type Outcome = Omit<InstallResult, "host" | "seconds">;

/**
 * Lets NixOS take the place of the system that runs, on the disks as they are (NixOS manual, "Installing from another Linux
 * distribution", NIXOS_LUSTRATE): the closure goes into /nix/store, the boot loader is replaced, and the next boot moves everything
 * else to /old-root. For machines that can neither kexec nor boot a rescue system.
 *
 * Safe to call at any time, as an install is.
 * @throws StepError with host, phase, what was seen and what to do next
 */
export async function infect(context: InstallContext): Promise<InstallResult> {
  const elapsed = stopwatch();
  const judged = await connectAndAssess(context);
  try {
    const outcome = await runInfect(context, judged);
    if (outcome.outcome === "installed") context.reporter.progress("installed in place and verified");
    return { host: context.spec.host, ...outcome, seconds: Math.round(elapsed() * 10) / 10 };
  } finally {
    await judged.machine.leave();
  }
}

async function runInfect(context: InstallContext, judged: Assessment): Promise<Outcome> {
  const { seen } = judged;
  const facts = await lookCloser(context, judged.machine.session);
  const decision = decideInfection(seen, judged.decision, facts.record, context.spec);
  switch (decision.action) {
    case "refuse":
      throw phaseError(context, "facts", `refused to install: ${decision.reason}`, decision.next);
    case "adopt": {
      const { installId } = decision.identity;
      if (seen.system === null)
        throw phaseError(
          context,
          "facts",
          "the machine carries this host's identity, but no NixOS system runs on it",
          "find out what happened to it; nothing was changed",
        );
      context.reporter.progress(`already installed (install ${installId}): nothing changed`);
      return { outcome: "adopted", installId, system: seen.system, bootId: seen.bootId };
    }
    case "infect":
      return await takeOver(context, judged, facts, decision);
  }
}

async function lookCloser(context: InstallContext, session: SshSession): Promise<InfectFacts> {
  const devices = (context.spec.system.traits?.fileSystems ?? []).map(({ device }) => device);
  return await runPhase(context, "facts", "inspecting its file systems", async (limits) => {
    const script = ["infect/infect-facts", infectRecordPath, ...devices] as const;
    const options = { timeoutSeconds: limits.left(), elevate: true };
    return parseInfectFacts(await phaseScript(context, "facts", session, script, options));
  });
}

async function takeOver(
  context: InstallContext,
  { machine, seen }: Assessment,
  facts: InfectFacts,
  decision: Extract<InfectDecision, { action: "infect" }>,
): Promise<Outcome> {
  const { spec, reporter } = context;
  reporter.progress(`taking the system over in place: ${decision.reason}`);
  refuseErrors(context, infectPreflightErrors(seen, facts, spec));
  const closure = await buildClosure(context);
  const missing = await pathsMissing(closure, machine.session, limitsOf(context, spec.deadlines.facts));
  const needed = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  refuseErrors(context, diskSpaceErrors(facts, needed));
  const installId = decision.installId ?? randomUUID();
  await writeInfectRecord(context, machine.session, installId);
  await putInPlace(context, machine.session, { closure, missing, installId });
  const booted = await restart(context, machine, seen.bootId);
  await using session = booted.session;
  const checked = await verifyFirstBoot(context, session, { installId, bootId: booted.bootId });
  return { outcome: "installed", installId, ...checked };
}

function limitsOf({ spec, signal }: InstallContext, timeoutSeconds: number) {
  return { host: spec.host, timeoutSeconds, signal };
}

function refuseErrors(context: InstallContext, errors: readonly string[]): void {
  if (errors.length === 0) return;
  const count = errors.length === 1 ? "this cannot work" : `this cannot work, for ${errors.length} reasons`;
  const said = [`${count}; nothing was changed:`, ...errors].join("\n    ");
  throw phaseError(context, "facts", said, "correct all of it, then run pulumi up again");
}

/** The machine has no Nix, so everything is built on this machine. */
async function buildClosure(context: InstallContext): Promise<SizedPath[]> {
  const { spec, reporter, signal } = context;
  const { stack, host, system, build } = spec;
  await using workshop = await openBuilder({ stack, host, system, plan: build }, { reporter, signal });
  if (workshop.place.kind !== "local")
    throw phaseError(
      context,
      "install",
      "a machine without Nix takes only a system that is built on this one",
      `set build.on: local for ${host}`,
    );
  reporter.progress("building the system");
  const limits = { ...limitsOf(context, spec.deadlines.install), reporter };
  await workshop.prepare(["toplevel"], limits);
  await publishBuilt(system.toplevel, spec.cache, workshop, limits);
  return await localClosure(system.toplevel, limitsOf(context, spec.deadlines.facts));
}

async function writeInfectRecord(
  context: InstallContext,
  session: SshSession,
  installId: string,
): Promise<void> {
  const { stack, host } = context.spec;
  const record: InfectRecord = { version: 1, stack, host, installId };
  const script = ["host/write-identity", infectRecordPath, JSON.stringify(record)] as const;
  const options = { timeoutSeconds: context.spec.deadlines.facts, elevate: true };
  await phaseScript(context, "install", session, script, options);
}

async function putInPlace(
  context: InstallContext,
  session: SshSession,
  what: { closure: readonly SizedPath[]; missing: readonly SizedPath[]; installId: string },
): Promise<void> {
  const { spec } = context;
  const { toplevel } = spec.system;
  const { stack, host, reinstall } = spec;
  const put = (script: readonly [string, ...string[]], limits: Deadline, input: string | Uint8Array = "") =>
    phaseScript(context, "install", session, script, { input, timeoutSeconds: limits.left(), elevate: true });
  const paths = `${what.missing.length} of ${what.closure.length} store paths`;
  await runPhase(context, "install", `copying the system (${paths})`, async (limits) => {
    await copyPaths(what.missing, session, limitsOf(context, limits.left()));
    const { schema, database } = await databaseOf(what.closure, limitsOf(context, limits.left()));
    await put(["infect/infect-register", schema, toplevel], limits, database);
  });
  await runPhase(context, "install", "handing over identity, host key and boot loader", async (limits) => {
    const identity = formatIdentity({ version: 1, stack, host, installId: what.installId, reinstall }).trim();
    const { publicKey, privateKey } = spec.hostKey;
    const key = privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`;
    await put(["infect/infect-install-identity", identity, publicKey], limits, key);
    const boot = (spec.system.traits?.fileSystems ?? [])
      .filter(({ mountPoint }) => mountPoint === "/boot" || mountPoint.startsWith("/boot/"))
      .sort((a, b) => a.mountPoint.length - b.mountPoint.length)
      .flatMap(({ mountPoint, device, fsType }) => [mountPoint, device, fsType]);
    await put(["infect/infect-boot", toplevel, ...boot], limits);
  });
}
