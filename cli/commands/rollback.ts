import path from "node:path";
import { shortSystem } from "../../model/naming/short-system-name.ts";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import { redeployGeneration } from "../../runtime/deploy/redeploy-generation.ts";
import { chooseGeneration, readGenerations } from "../../runtime/operations/generations.ts";
import { createRedactor } from "../../runtime/platform/redactor.ts";
import { createReporter } from "../../runtime/platform/reporter.ts";
import { healthOf, readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { openSession } from "../../runtime/ssh/session.ts";
import { confirm } from "../io/confirm.ts";

/** How `rollback` chooses and talks. */
export interface RollbackView {
  /** Generation; undefined: the one before. */
  readonly to: number | undefined;
  /** Answers every question with yes. */
  readonly yes: boolean;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

const contactSeconds = 30;
const patienceSeconds = 10;

/**
 * Puts an older generation of a host back into force, the same way as a deployment.
 * @returns 0 if it runs now, 1 if nobody wanted it
 */
export async function rollback(selection: StackSelection, host: string, view: RollbackView): Promise<number> {
  const { to, yes, write, signal } = view;
  const outputs = await readStackOutputs(selection);
  const target = sshTarget(outputs, host);
  const { state, chosen } = await choose(target, to, signal);
  write(
    `${host} runs ${shortSystem(state.current ?? "nothing known")}\n` +
      `going back to generation ${chosen.number} of ${chosen.time.slice(0, 10)}: ${shortSystem(chosen.system)}\n`,
  );
  if (!yes && !(await confirm(`Put generation ${chosen.number} of ${host} into force`, write))) return 1;
  const logDirectory = path.join(
    selection.projectRoot,
    ".fleet",
    "logs",
    selection.stack ?? "selected",
    host,
  );
  const redact = createRedactor(connectionSecrets(target.connection));
  const reporter = createReporter({ host, what: "rollback", logDirectory, redact });
  const { outcome } = await redeployGeneration(
    target,
    state,
    { system: chosen.system, generation: chosen.number },
    { operation: "rollback", health: healthOf(outputs, host), reporter, logDirectory, signal },
  );
  write(
    outcome === "staged"
      ? `${host} starts generation ${chosen.number} at its next boot: reboot it\n`
      : `${host} runs generation ${chosen.number}; the stack still wants another system, which the next deployment brings back\n`,
  );
  return 0;
}

async function choose(target: ReturnType<typeof sshTarget>, to: number | undefined, signal: AbortSignal) {
  const session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
  try {
    const limits = { timeoutSeconds: contactSeconds, patienceSeconds, signal };
    const { state, generations } = await readGenerations(session, limits);
    return { state, chosen: chooseGeneration(target.host, generations, state, to) };
  } finally {
    await session.close();
  }
}
