import { diskRecordPath, layoutDevices } from "../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { identityPath } from "../../host/identity-file.ts";
import type { Deadline } from "../../platform/deadline.ts";
import { pollUntil } from "../../platform/poll-until.ts";
import type { SshSession } from "../../ssh/session.ts";
import { recordPath } from "./install-record.ts";
import { type MachineFacts, parseMachineFacts } from "./machine-facts.ts";
import { type PhaseContext, phaseError, phaseScript } from "./phase.ts";

/** What the disk layout names, and what must not be among it. */
interface Wanted extends Pick<InstallSpec, "system"> {
  readonly volumes?: readonly string[] | undefined;
}

/** How often the end of an interrupted install's processes is checked. */
const pause = 2;

/**
 * Inspects the machine without changing it. Waits for processes that an interrupted install left running: a second formatting
 * must not start while the first runs.
 * @param wanted what the disk layout names, and what must not be among it
 */
export async function inspect(
  context: PhaseContext,
  session: SshSession,
  limits: Deadline,
  wanted: Wanted | null = null,
): Promise<MachineFacts> {
  const volumes = (wanted?.volumes ?? []).map((link) => `volume=${link}`);
  const named = [...volumes, ...layoutDevices(wanted?.system.diskLayout ?? null)];
  let told = false;
  const look = async () => {
    const observation = await inspectOnce(context, session, limits, named);
    const names = observation.leftovers.join(", ");
    if (names !== "" && !told)
      context.reporter.progress(`waiting for an interrupted install to end: process ${names}`);
    told ||= names !== "";
    return observation;
  };
  const observation = await pollUntil(look, ({ leftovers }) => leftovers.length === 0, {
    deadline: limits,
    pause,
    signal: context.signal,
  });
  const { leftovers } = observation;
  if (leftovers.length === 0) return observation;
  throw phaseError(
    context,
    "facts",
    `an interrupted install still runs on the machine: process ${leftovers.join(", ")}`,
    "wait for it to end, or end it on the machine; then run pulumi up again",
  );
}

async function inspectOnce(
  context: PhaseContext,
  session: SshSession,
  limits: Deadline,
  named: readonly string[],
): Promise<MachineFacts> {
  const script = ["install/inspect-machine", identityPath, recordPath, diskRecordPath, ...named] as const;
  const options = { timeoutSeconds: limits.left(), elevate: true };
  return parseMachineFacts(await phaseScript(context, "facts", session, script, options));
}
