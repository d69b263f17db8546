import { noPublication } from "../../model/protocol/binary-cache.ts";
import type { InstallSpec } from "../../model/protocol/install.ts";
import { unevaluatedSystem } from "../../model/protocol/unevaluated-system.ts";
import { hasNix } from "../nix/nix-session.ts";
import type { Reporter } from "../platform/reporter.ts";
import type { SshSession } from "../ssh/session.ts";
import { leaveRescue } from "./enter-rescue.ts";
import {
  type Assessed,
  connectOrRescue,
  enterViaRescue,
  reachInstaller,
  rescueWanted,
} from "./install-path.ts";
import { kexecTarball } from "./kexec-tarball.ts";
import { phaseError } from "./machine/phase.ts";
import { prepareNixosAnywhere } from "./nixos-anywhere/run.ts";
import { nixosAnywhere } from "./nixos-anywhere/source.ts";
import { tarballSize } from "./preflight/preflight.ts";
import { checkBeforeInstaller } from "./prepare.ts";
import { readRescuePin } from "./rescue/host-key-pin.ts";

/** What an install knows before its system does. Holds secrets. */
export type InstallerSpec = Omit<InstallSpec, "system" | "build" | "cache" | "diskKeys">;

/** Nothing is known of a system that is yet to be evaluated; what is decided without it is whose the machine is. */
const notEvaluated = unevaluatedSystem("/nix/store/not-evaluated", "not evaluated");

/**
 * Connects to a machine that will get, or has, this host's system, in order to evaluate that system there: its NixOS if one runs,
 * otherwise NixOS' installer in memory, into which it is booted. The wipe guard decides first; no disk is touched.
 * @throws StepError as an install would
 */
export async function openInstaller(
  entry: InstallerSpec,
  options: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<SshSession> {
  const spec: InstallSpec = {
    ...entry,
    system: notEvaluated,
    build: { on: "target" },
    cache: noPublication,
    diskKeys: {},
  };
  const { rescue } = spec;
  const rescueKey = rescue === null ? undefined : await readRescuePin(rescue.pinFile, rescue.serverId);
  const met = await connectOrRescue({ spec, ...options, ...(rescueKey === undefined ? {} : { rescueKey }) });
  return await leavingOnError(met, enter);
}

/** The lock and the session of a machine end with what fails on it. */
async function leavingOnError(
  met: Assessed,
  work: (met: Assessed) => Promise<SshSession>,
): Promise<SshSession> {
  try {
    return await work(met);
  } catch (error) {
    await met.judged.machine.leave();
    throw error;
  }
}

async function enter({ context, judged }: Assessed): Promise<SshSession> {
  const { decision, seen, shown, machine } = judged;
  if (decision.action === "refuse") {
    if (shown === "rescue" && !seen.installer) await leaveRescue(context, machine);
    throw phaseError(context, "facts", `refused to install: ${decision.reason}`, decision.next);
  }
  const { user } = machine.session.target.connection;
  const usable = seen.installer ? user === "root" : seen.os === "nixos";
  if (usable && (await hasNix(machine.session))) {
    await machine.lock.release();
    return machine.session;
  }
  if (decision.action === "adopt")
    throw phaseError(
      context,
      "facts",
      "it is installed, and has no usable Nix",
      "check the machine: `nix --version` must work there for root",
    );
  context.reporter.progress(
    "Nix is not installed on this machine: starting the host's installer to evaluate there",
  );
  const access = rescueWanted(context, judged);
  const tarball = await tarballSize(context.spec.kexecTarball);
  checkBeforeInstaller(context, seen, { tarball, throughRescue: access !== undefined });
  if (access === undefined) return await bootInstaller({ context, judged });
  await machine.leave();
  return await leavingOnError(await enterViaRescue(context, access, "bootstrap: rescue"), bootInstaller);
}

async function bootInstaller({ context, judged }: Assessed): Promise<SshSession> {
  const { spec, signal } = context;
  const program = await nixosAnywhere({ timeoutSeconds: spec.deadlines.facts, signal });
  await using tarball = await kexecTarball(context, judged.seen);
  const run = { program, diskScript: notEvaluated.toplevel, tarball: tarball.location };
  await using tool = await prepareNixosAnywhere(context, { ...run, place: { kind: "target" } });
  const { machine } = await reachInstaller(context, tool, judged);
  await machine.lock.release();
  return machine.session;
}
