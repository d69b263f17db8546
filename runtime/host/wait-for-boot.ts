import { setTimeout as sleep } from "node:timers/promises";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession, type SshTarget } from "../ssh/session.ts";
import { type HostState, inspectHost } from "./host-state.ts";

/** How long a host is waited for. */
export interface BootWait extends Omit<Limits, "timeoutSeconds"> {
  /** Milliseconds since 1970, by this machine's clock. */
  readonly deadline: number;
}

/** A host on another boot, whose session the caller closes; or what was seen of it until the deadline. */
export type BootSeen =
  | { readonly back: true; readonly session: SshSession; readonly state: HostState }
  | { readonly back: false; readonly seen: string };

const commandSeconds = 20;
const pauseMs = 500;

/**
 * Waits until a host runs another boot than the one named.
 * @throws StepError once `signal` is aborted
 */
export async function awaitBoot(
  target: SshTarget,
  bootId: string,
  { deadline, reporter, signal }: BootWait,
): Promise<BootSeen> {
  let seen = "it does not answer";
  while (Date.now() < deadline) {
    const timeoutSeconds = (deadline - Date.now()) / 1000;
    try {
      const session = await openSession(target, { timeoutSeconds, reporter, signal });
      const state = await stateOver(session, signal);
      if (state.bootId !== bootId) return { back: true, session, state };
      seen = "it still runs the boot from before";
      await session.close();
    } catch (error) {
      if (!(error instanceof StepError) || signal?.aborted === true) throw error;
      ({ seen } = error.failure);
    }
    // Once it is aborted, the next session is refused.
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
  return { back: false, seen };
}

async function stateOver(session: SshSession, signal: AbortSignal | undefined): Promise<HostState> {
  try {
    return await inspectHost(session, { timeoutSeconds: commandSeconds, signal });
  } catch (error) {
    await session.close();
    throw error;
  }
}
