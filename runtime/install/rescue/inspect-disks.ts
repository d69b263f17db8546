import { identityPath } from "../../host/identity-file.ts";
import type { Deadline } from "../../platform/deadline.ts";
import type { SshSession } from "../../ssh/session.ts";
import { commandError, type PhaseContext } from "../machine/phase.ts";
import { type DiskContents, parseDiskContents } from "./disk-contents.ts";

/** Looks at the disks of a machine that runs a rescue system or an installer, without changing them. */
export async function inspectDisks(
  context: PhaseContext,
  session: SshSession,
  limits: Deadline,
): Promise<DiskContents> {
  const result = await session.script("install/disk-contents", [identityPath.slice(1)], {
    timeoutSeconds: limits.left(),
    signal: context.signal,
    reporter: context.reporter,
  });
  if (!result.ok) throw commandError(context, "facts", result);
  return parseDiskContents(result.stdout);
}
