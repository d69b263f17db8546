import { diskRecordPath, layoutDevices } from "../../../model/protocol/disk-layout.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import { identityPath } from "../../host/identity-file.ts";
import type { SshSession } from "../../ssh/session.ts";
import { recordPath } from "./install-record.ts";
import { type MachineFacts, parseMachineFacts } from "./machine-facts.ts";
import { commandError, type PhaseContext, type PhaseLimits, phaseError } from "./phase.ts";

/** What the disk layout names, and what must not be among it. */
interface Wanted extends Pick<InstallSpec, "system"> {
  readonly volumes?: readonly string[] | undefined;
}

/** How often the end of an interrupted install's processes is looked for. */
const pauseMs = 2000;

/**
 * Looks at the machine without changing it. Waits for processes that an interrupted install left running: a second formatting
 * must not start beside the first.
 * @param wanted what the disk layout names, and what must not be among it
 */
export async function inspect(
  context: PhaseContext,
  session: SshSession,
  limits: PhaseLimits,
  wanted: Wanted | null = null,
): Promise<MachineFacts> {
  const volumes = (wanted?.volumes ?? []).map((link) => `volume=${link}`);
  const named = [...volumes, ...layoutDevices(wanted?.system.diskLayout ?? null)];
  for (let waited = false; ; waited = true) {
    const observation = await inspectOnce(context, session, limits, named);
    if (observation.leftovers.length === 0) return observation;
    const names = observation.leftovers.join(", ");
    if (limits.left() <= 1)
      throw phaseError(
        context,
        "facts",
        `an interrupted install still runs on the machine: process ${names}`,
        "wait for it to end, or end it on the machine; then run pulumi up again",
      );
    if (!waited) context.reporter.progress(`waiting for an interrupted install to end: process ${names}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function inspectOnce(
  context: PhaseContext,
  session: SshSession,
  limits: PhaseLimits,
  named: readonly string[],
): Promise<MachineFacts> {
  const result = await session.script(
    "install/inspect-machine",
    [identityPath, recordPath, diskRecordPath, ...named],
    {
      timeoutSeconds: limits.left(),
      signal: context.signal,
      reporter: context.reporter,
      elevate: true,
    },
  );
  if (!result.ok) throw commandError(context, "facts", result);
  return parseMachineFacts(result.stdout);
}
