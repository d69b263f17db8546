import type { HostIdentity } from "../../model/protocol/install.ts";
import { describeExit } from "../platform/describe-exit.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";

const writeSeconds = 20;

/** Writes a host's new name into its identity file, at once or not at all. */
export async function renameIdentity(
  session: SshSession,
  identity: HostIdentity,
  host: string,
  { reporter, signal }: { reporter: Reporter; signal?: AbortSignal | undefined },
): Promise<void> {
  reporter.progress(`renaming "${identity.host}" to "${host}" in its identity`);
  const result = await session.script("host/write-file", ["/etc/fleet/identity.json", "644"], {
    elevate: true,
    input: `${JSON.stringify({ ...identity, host })}\n`,
    timeoutSeconds: writeSeconds,
    reporter,
    signal,
  });
  if (result.ok) return;
  throw new StepError({
    host,
    step: "renaming",
    seen: describeExit(result, writeSeconds),
    next: "check that /etc/fleet can be written on the host, then run it again",
  });
}
