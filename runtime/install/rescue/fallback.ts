import type { InstallSpec } from "../../../model/protocol/install.ts";
import { ApiError, type ApiServer, HetznerApi } from "../../cloud/hetzner/api.ts";
import { ConnectionError } from "../../ssh/session.ts";
import type { InstallContext } from "../machine/phase.ts";

/** A server this young has no work on it yet; an older one that does not answer may only be out of reach from this machine. */
const youngHours = 24;
const requestTimeoutSeconds = 30;

/** Why a machine could not be entered by its pinned keys, as far as it matters here. */
type FailureKind = ConnectionError["kind"];

/** Why to go through rescue, or why not; null: there is nothing to say. */
export type RescueFallback = { readonly go: string } | { readonly stay: string | null };

/**
 * Whether a machine that could not be contacted is restarted into rescue. Data are not at stake: the disks are inspected from
 * there. What is, is a system that runs well and only cannot be reached from this machine: it would be restarted.
 * @internal
 */
export function decideRescueFallback(
  kind: FailureKind,
  spec: Pick<InstallSpec, "provider" | "bootstrapHostKey" | "wipe" | "rescue">,
  server: Pick<ApiServer, "created">,
  now: number,
): RescueFallback {
  const { rescue, wipe, provider, bootstrapHostKey } = spec;
  if (rescue === null) return { stay: null };
  const ours = provider !== "existing";
  if (!ours && !wipe) return { stay: null };
  switch (kind) {
    case "unreachable": {
      if (rescue.wanted) return { go: "it does not answer" };
      const hours = (now - Date.parse(server.created)) / 3_600_000;
      // Without a first key it was installed before, and only its final one counts.
      if (ours && bootstrapHostKey !== null && hours < youngHours)
        return { go: "the new server does not answer" };
      return {
        stay: "if it hangs, reset it in the cloud's console, or set bootstrap: rescue, which restarts it into the rescue system",
      };
    }
    case "user-key":
      return rescue.wanted ? { go: "it refuses the key" } : { stay: null };
    case "host-key":
      // Where a key is pinned, another one is an alarm.
      if (rescue.wanted && !ours && bootstrapHostKey === null) return { go: "none of its keys is known" };
      return {
        stay: "if the server is in its rescue system, an install from another folder runs there, or was killed: only that folder has the key (.fleet/rescue). Continue from there; or, if no install is running, reset it in the cloud's console",
      };
    default:
      return { stay: null };
  }
}

/** The same for an error of the first contact; asks the cloud about the server. */
export async function rescueFallbackFor(context: InstallContext, error: unknown): Promise<RescueFallback> {
  const kind = contactError(error);
  const { rescue } = context.spec;
  if (kind === undefined || rescue === null || context.signal.aborted) return { stay: null };
  const limits = { timeoutSeconds: requestTimeoutSeconds, signal: context.signal };
  try {
    const server = await new HetznerApi(rescue).server(rescue.serverId, limits);
    return decideRescueFallback(kind, context.spec, server, Date.now());
  } catch (failure) {
    if (!(failure instanceof ApiError)) throw failure;
    // What went wrong first is what has to be reported.
    context.reporter.progress(`the cloud cannot be asked about the server: ${failure.failure.seen}`);
    return { stay: null };
  }
}

function contactError(error: unknown): FailureKind | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ConnectionError) return cause.kind;
  return undefined;
}
