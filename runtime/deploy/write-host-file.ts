import { describeExit } from "../platform/describe-exit.ts";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";

const writeSeconds = 20;

/**
 * Writes a file of ours on a host, at once or not at all.
 * @throws StepError of that step
 */
export async function writeHostFile(
  session: SshSession,
  { file, content, step }: { readonly file: string; readonly content: string; readonly step: string },
  limits: Omit<Limits, "timeoutSeconds">,
): Promise<void> {
  const result = await session.script("host/write-file", [file, "644"], {
    ...limits,
    elevate: true,
    input: content,
    timeoutSeconds: writeSeconds,
  });
  if (result.ok) return;
  throw new StepError({
    host: session.target.host,
    step,
    seen: describeExit(result, writeSeconds),
    next: "check that /etc/fleet can be written on the host, then run it again",
  });
}
