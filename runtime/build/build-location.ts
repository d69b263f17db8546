import type { BuildMachine, BuildPlan } from "../../model/protocol/build.ts";
import type { LocalNix } from "../nix/local-nix.ts";
import { StepError } from "../platform/step-error.ts";

/** Where one host's system is built. */
export type BuildLocation =
  | { readonly kind: "local" }
  | { readonly kind: "target" }
  | { readonly kind: "machine"; readonly machine: BuildMachine };

/** What decides about the place. */
export interface PlaceRequest {
  readonly host: string;
  readonly plan: BuildPlan;
  /** Nix platform of the system, such as `aarch64-linux`. */
  readonly platform: string;
  readonly local: LocalNix;
}

/** A place, and why it was chosen; `because` is null where the configuration says so. */
export interface BuildLocationChoice {
  readonly place: BuildLocation;
  readonly because: string | null;
}

/**
 * Chooses the place where a host's system is built.
 * @throws StepError for `build.on: local` where that cannot be
 */
export function chooseBuildLocation({ host, plan, platform, local }: PlaceRequest): BuildLocationChoice {
  switch (plan.on) {
    case "machine":
      return { place: { kind: "machine", machine: plan.machine }, because: null };
    case "target":
      return { place: { kind: "target" }, because: null };
    case "local":
      if (local.state === "works") return { place: { kind: "local" }, because: null };
      throw new StepError({
        host,
        step: "choosing where to build",
        seen: `build.on is "local", and ${obstacle(local)}`,
        next: "Install Nix on this machine, or set build.on to target or to a build host.",
      });
    case "auto":
      return chooseByItself(platform, local);
  }
}

function chooseByItself(platform: string, local: LocalNix): BuildLocationChoice {
  if (local.state !== "works") return { place: { kind: "target" }, because: obstacle(local) };
  if (local.platforms.includes(platform)) return { place: { kind: "local" }, because: null };
  const can = local.platforms.join(", ");
  return { place: { kind: "target" }, because: `the local Nix builds for ${can} and not for ${platform}` };
}

function obstacle(local: Exclude<LocalNix, { state: "works" }>): string {
  return local.state === "absent"
    ? "Nix is not installed on this machine"
    : `the local Nix does not work (${local.seen})`;
}

/** For progress lines: `on build host "big"`. */
export function formatBuildLocation(place: BuildLocation): string {
  switch (place.kind) {
    case "local":
      return "here";
    case "target":
      return "on the host itself";
    case "machine":
      return `on build host "${place.machine.name}"`;
  }
}
