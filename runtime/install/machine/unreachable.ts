import type { Deadline } from "../../platform/deadline.ts";
import { ConnectionError } from "../../ssh/connection-error.ts";
import { contact } from "./connect.ts";
import type { InstallContext } from "./phase.ts";
import type { PresentedKey } from "./wipe-guard.ts";

/** Why a step failed: the machine restarted, and nothing answered any more. */
export class MachineLostError extends Error {
  override readonly name = "MachineLostError";
}

/** True if the machine stopped answering, wherever in the chain of causes that is. */
export function isMachineLost(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof MachineLostError || isUnreachable(cause)) return true;
  return false;
}

function isUnreachable(error: Error): boolean {
  return error instanceof ConnectionError && error.kind === "unreachable";
}

const leastSeconds = 15;

/** Whether the machine still answers, or does again before the time is over, with the key it showed before. */
export async function responds(
  context: InstallContext,
  shown: PresentedKey,
  limits: Deadline,
): Promise<boolean> {
  try {
    const { session } = await contact(context, Math.max(leastSeconds, limits.left()), { only: shown });
    await session.close();
    return true;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    // A refusal is an answer as well.
    return error.kind !== "unreachable";
  }
}
