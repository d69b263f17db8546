import { deadlineIn } from "../platform/deadline.ts";
import type { Limits } from "../platform/limits.ts";
import { pollUntil } from "../platform/poll-until.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession, type SshTarget } from "../ssh/session.ts";
import { type HostState, inspectHost } from "./host-state.ts";

/** A host on another boot, whose session the caller closes; or what was seen of it last. */
export type BootSeen =
  | { readonly back: true; readonly session: SshSession; readonly state: HostState }
  | { readonly back: false; readonly seen: string };

const commandSeconds = 20;
const pause = 0.5;

/**
 * Waits until a host runs another boot than the one named.
 * @throws StepError once `signal` is aborted
 */
export async function awaitBoot(target: SshTarget, bootId: string, limits: Limits): Promise<BootSeen> {
  const { signal } = limits;
  const deadline = deadlineIn(limits.timeoutSeconds);
  const look = async (): Promise<BootSeen> => {
    try {
      const session = await openSession(target, { ...limits, timeoutSeconds: deadline.left() });
      const state = await stateOver(session, signal);
      if (state.bootId !== bootId) return { back: true, session, state };
      await session.close();
      return { back: false, seen: "it still runs the boot from before" };
    } catch (error) {
      if (!(error instanceof StepError) || signal?.aborted === true) throw error;
      return { back: false, seen: error.failure.seen };
    }
  };
  return await pollUntil(look, ({ back }) => back, { deadline, pause, signal });
}

async function stateOver(session: SshSession, signal: AbortSignal | undefined): Promise<HostState> {
  try {
    return await inspectHost(session, { timeoutSeconds: commandSeconds, signal });
  } catch (error) {
    await session.close();
    throw error;
  }
}
