import { shortSystem } from "../../model/naming/short-system-name.ts";
import { redeployGeneration } from "../../runtime/deploy/deploy.ts";
import { chooseGeneration, readGenerations } from "../../runtime/operations/generations.ts";
import { redeployBase } from "../../runtime/operations/redeploy-base.ts";
import {
  type ConfiguredTarget,
  configuredTarget,
  readStackOutputs,
  type StackSelection,
} from "../../runtime/pulumi/outputs.ts";
import { openSession } from "../../runtime/ssh/session.ts";
import { confirm } from "../io/confirm.ts";
import type { View } from "../io/view.ts";
import { hostReporter, logDirectory } from "./host-reporter.ts";

/** How `rollback <host>` chooses and talks. */
export interface RollbackView extends Omit<View, "json"> {
  /** Generation; undefined: the one before. */
  readonly to: number | undefined;
  /** Answers every question with yes. */
  readonly yes: boolean;
}

const contactSeconds = 30;
const patienceSeconds = 10;

/**
 * Activates an older generation of a host, in the same way as a deployment.
 * @returns 0 if it runs now, 1 if it was declined
 */
export async function rollBackHost(
  selection: StackSelection,
  host: string,
  view: RollbackView,
): Promise<number> {
  const { to, yes, write, signal } = view;
  const outputs = await readStackOutputs(selection);
  const target = configuredTarget(outputs, host);
  const { state, chosen } = await choose(target, to, signal);
  write(
    `${host} runs ${shortSystem(state.current ?? "nothing known")}\n` +
      `rolling back to generation ${chosen.number} of ${chosen.time.slice(0, 10)}: ${shortSystem(chosen.system)}\n`,
  );
  if (!yes && !(await confirm(`Activate generation ${chosen.number} of ${host}`, write))) return 1;
  const folder = logDirectory(selection, host);
  const reporter = hostReporter("rollback", target, folder);
  const { outcome } = await redeployGeneration(
    redeployBase(target, state, folder),
    { system: chosen.system, generation: chosen.number },
    { reporter, signal },
  );
  write(
    outcome === "staged"
      ? `${host} starts generation ${chosen.number} at its next boot: run fleet reboot ${host}\n`
      : `${host} runs generation ${chosen.number}; the stack still wants another system, which the next deployment brings back\n`,
  );
  return 0;
}

async function choose(target: ConfiguredTarget, to: number | undefined, signal: AbortSignal | undefined) {
  await using session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
  const limits = { timeoutSeconds: contactSeconds, patienceSeconds, signal };
  const { state, generations } = await readGenerations(session, limits);
  return { state, chosen: chooseGeneration(target.host, generations, state, to) };
}
