import type { SshSession } from "../ssh/session.ts";
import { type InstallRecord, recordPath } from "./machine/install-record.ts";
import { commandError, type InstallContext } from "./machine/phase.ts";

const timeoutSeconds = 30;

/** Writes how far the install came into the installer's memory, for the next run should this one end here. */
export async function writeRecord(
  context: InstallContext,
  session: SshSession,
  record: InstallRecord,
): Promise<void> {
  const result = await session.script("host/write-file", [recordPath, "600"], {
    input: JSON.stringify(record),
    timeoutSeconds,
    signal: context.signal,
    reporter: context.reporter,
  });
  if (!result.ok) throw commandError(context, "disko", result);
}
