import type { RescueAccess } from "../../model/protocol/rescue-access.ts";
import { StepError } from "../platform/step-error.ts";
import { type Assessment, connectAndAssess } from "./assess-machine.ts";
import { enterInstaller, type InstallerSession, inspectInstaller } from "./enter-installer.ts";
import { enterRescue, leaveRescue, type Rescued } from "./enter-rescue.ts";
import { type InstallContext, phaseError } from "./machine/phase.ts";
import { isMachineLost } from "./machine/unreachable.ts";
import type { NixosAnywhere } from "./nixos-anywhere/run.ts";
import { rescueFallbackFor } from "./rescue/fallback.ts";

/** A machine, and what is known of it by now. */
export type Assessed = Rescued;

/** Meets the machine as it is, or in its rescue system where there is no other way. */
export async function connectOrRescue(context: InstallContext): Promise<Assessed> {
  try {
    return { context, judged: await connectAndAssess(context) };
  } catch (error) {
    const way = await rescueFallbackFor(context, error);
    const { rescue } = context.spec;
    if ("go" in way && rescue !== null) {
      if (error instanceof StepError) context.reporter.progress(error.failure.seen);
      return await enterRescue(context, rescue, way.go);
    }
    if ("go" in way || way.stay === null || !(error instanceof StepError)) throw error;
    const next = [error.failure.next, way.stay].filter((text) => text !== undefined).join("; ");
    throw new StepError({ ...error.failure, next }, { cause: error });
  }
}

/** Whether a machine that is about to be installed is taken through the rescue system first. */
export function rescueWanted(
  { spec }: InstallContext,
  { seen, shown }: Assessment,
): RescueAccess | undefined {
  const { rescue } = spec;
  return rescue?.wanted === true && !seen.installer && shown !== "rescue" ? rescue : undefined;
}

/** Takes a machine that is about to be installed through the rescue system, where the last word is spoken about it. */
export async function enterViaRescue(
  context: InstallContext,
  access: RescueAccess,
  why: string,
): Promise<Assessed> {
  const met = await enterRescue(context, access, why);
  const { decision, machine } = met.judged;
  if (decision.action === "install") return met;
  await leaveRescue(met.context, machine);
  const refused = decision.action === "refuse" ? decision : undefined;
  throw phaseError(
    context,
    "rescue",
    `refused to install: ${refused?.reason ?? "the machine is another one than before"}`,
    refused?.next ?? "run pulumi up again",
  );
}

/** Brings the machine into the installer; through the rescue system, if it does not come back from the usual way. */
export async function reachInstaller(
  context: InstallContext,
  tool: NixosAnywhere,
  before: Assessment,
): Promise<InstallerSession & { readonly context: InstallContext }> {
  const { machine, seen, shown } = before;
  const { rescue } = context.spec;
  // Its facts are as old as the build that came in between.
  if (seen.installer && machine.session.target.connection.user === "root")
    return { context, machine, seen: await inspectInstaller(context, machine.session) };
  try {
    return { context, ...(await enterInstaller(context, tool, before)) };
  } catch (error) {
    if (rescue === null || shown === "rescue" || context.signal.aborted || !isMachineLost(error)) throw error;
    await machine.leave();
    const met = await enterViaRescue(context, rescue, "it did not come back from kexec");
    try {
      return { context: met.context, ...(await enterInstaller(met.context, tool, met.judged)) };
    } catch (second) {
      await met.judged.machine.leave();
      throw second;
    }
  }
}
