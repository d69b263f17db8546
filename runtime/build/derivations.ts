import { existsSync } from "node:fs";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { sendWrapper, splitInstallable } from "../nix/evaluation/remote-backend.ts";
import type { LocalNix } from "../nix/local-nix.ts";
import { describeNixError } from "../nix/nix-error.ts";
import { type RemoteStore, remoteNixError, runRemoteNix, storeOnMachine } from "../nix/remote-nix.ts";
import { runNix } from "../nix/run-nix.ts";
import { partOf, type SystemPart } from "../nix/store/build-local.ts";
import { copyClosure } from "../nix/store/copy-closure.ts";
import type { HostLimits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/target.ts";

/** Output path of a part, and what to build it from. */
export interface WantedPart {
  readonly output: string;
  /** Derivation in the store of the evaluating machine; null for a ready-made closure. */
  readonly derivation: string | null;
  /** Installable in the generated wrapper flake: used to rebuild when the derivation was collected. */
  readonly installable: string | null;
}

/** @throws StepError when the configuration has no such part */
export function wantedPart(host: string, system: HostSystem, part: SystemPart): WantedPart {
  const { output, derivation, attribute } = partOf(system, part);
  if (output === null)
    throw new StepError({
      host,
      step: "build",
      seen: "the configuration has no config.system.build.diskoScript",
      next: "Import the disko module and declare `disko.devices`, or install the host by hand (`bootstrap: none`).",
    });
  const installable = system.installable?.replace(/\.toplevel$/, `.${attribute}`) ?? null;
  return { output, derivation, installable };
}

/**
 * Makes what a part is built from (its derivation with all it refers to, the sources of the flakes included) exist in a store of another
 * machine. It comes from the local store; without a local Nix it is there already or is evaluated there again.
 * @returns the derivation's path; null: the part is a ready-made closure
 */
export async function transferDerivation(
  wanted: WantedPart,
  to: RemoteStore,
  local: LocalNix,
  limits: HostLimits,
): Promise<string | null> {
  if (local.state === "works") return await sendDerivation(wanted, to, limits);
  const derivation = await instantiateThere(wanted, to.session, limits);
  if (derivation === null || to.root === undefined) return derivation;
  const copy = ["copy", "--no-check-sigs", "--to", storeOnMachine(to), derivation];
  const result = await runRemoteNix({ session: to.session }, copy, limits);
  if (!result.ok) throw remoteNixError(to, "build", result, limits);
  return derivation;
}

/** A builder of what was sent from this machine needs no access to private inputs. */
async function sendDerivation(
  wanted: WantedPart,
  to: RemoteStore,
  limits: HostLimits,
): Promise<string | null> {
  const derivation = await localDerivation(wanted, limits);
  await copyClosure([derivation ?? wanted.output], to.session, {
    ...limits,
    substituteOnDestination: true,
    ...(to.root === undefined ? {} : { root: to.root }),
  });
  return derivation;
}

async function instantiateThere(
  { derivation, installable }: WantedPart,
  session: SshSession,
  limits: HostLimits,
): Promise<string | null> {
  if (installable === null) return null;
  if (derivation !== null) {
    const known = await session.run(["nix-store", "--check-validity", derivation], {
      ...limits,
      elevate: true,
    });
    if (known.ok) return derivation;
  }
  limits.reporter?.progress(`evaluating on ${session.target.host}`);
  const { wrapper, attribute } = splitInstallable(installable);
  const reference = await sendWrapper(session, wrapper, limits);
  const args = ["eval", "--raw", "--no-write-lock-file", `${reference}#${attribute}.drvPath`];
  const result = await runRemoteNix({ session }, args, limits);
  if (!result.ok) throw remoteNixError({ session }, "evaluation", result, limits);
  return result.stdout.trim();
}

/** Evaluates again when the derivation was collected. */
async function localDerivation(wanted: WantedPart, limits: HostLimits): Promise<string | null> {
  const { derivation, installable } = wanted;
  if (derivation !== null && existsSync(derivation)) return derivation;
  if (installable === null) return null;
  const args = ["eval", "--raw", "--no-write-lock-file", `${installable}.drvPath`];
  const result = await runNix(args, limits);
  if (result.ok) return result.stdout.trim();
  throw new StepError({
    host: limits.host,
    step: "build",
    next: "The evaluated sources are no longer in the Nix store: run `pulumi up` again to read them again.",
    ...describeNixError(result, limits),
    log: limits.reporter?.logFile,
  });
}
