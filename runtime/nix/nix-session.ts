import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession, type SshTarget } from "../ssh/session.ts";

const requestTimeoutSeconds = 30;

/**
 * Connects to a machine that can evaluate.
 * @throws ConnectionError, or StepError when there is no Nix on it
 */
export async function openNixMachine(target: SshTarget, options: Limits): Promise<SshSession> {
  const session = await openSession(target, options);
  try {
    if (await hasNix(session)) return session;
    throw new StepError({
      host: target.host,
      step: "looking for Nix",
      seen: "there is no `nix` on the machine",
      next: "It needs Nix >= 2.24 on the PATH of a non-interactive shell.",
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Whether a machine has a Nix that root can use. */
export async function hasNix(session: SshSession): Promise<boolean> {
  const result = await session.run(["nix", "--version"], {
    timeoutSeconds: requestTimeoutSeconds,
    elevate: true,
  });
  return result.ok;
}
