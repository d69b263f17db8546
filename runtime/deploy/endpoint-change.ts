import { type Endpoint, endpointsOf, formatEndpoint } from "../../model/protocol/connection.ts";
import { type Deadline, deadlineIn } from "../platform/deadline.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import type { AttemptContext } from "./attempt.ts";

/** Where a signal is sent, and how long one try may take at most. */
export interface ConfirmTarget {
  readonly places: readonly Endpoint[];
  readonly timeoutSeconds: number;
}

/** Part of the time for confirming that belongs to the new place alone. */
const shareOfNewPlace = 1 / 3;

/**
 * Where the operator's signals are sent to a host that moves. It is confirmed at its new place; where it was before counts as well, but
 * only once the new place has had time to answer. After a rollback it is first tried where it was reached.
 */
export function confirmationEndpoints(
  {
    session,
    deadlines,
  }: Pick<AttemptContext, "deadlines"> & { readonly session: Pick<SshSession, "target" | "place"> },
  timeoutSeconds: number,
): (word: "confirmed" | "contact") => ConfirmTarget {
  const places = endpointsOf(session.target.connection);
  let newAlone: Deadline | undefined;
  return (word) => {
    if (word === "contact")
      return { timeoutSeconds, places: [session.place, ...without(places, session.place)] };
    newAlone ??= deadlineIn(deadlines.confirm * shareOfNewPlace);
    const left = newAlone.remaining();
    if (places.length === 1 || left <= 0) return { timeoutSeconds, places };
    return { timeoutSeconds: Math.max(1, Math.min(timeoutSeconds, left)), places: places.slice(0, 1) };
  };
}

function without(places: readonly Endpoint[], { address, port }: Endpoint): readonly Endpoint[] {
  return places.filter((place) => place.address !== address || place.port !== port);
}

/** What to say of a host that moves and was confirmed at `place`; undefined: it was its new place. */
export function confirmedAtPreviousEndpoint(
  { target }: Pick<SshSession, "target">,
  place: Endpoint,
): string | undefined {
  const [wanted] = endpointsOf(target.connection);
  if (wanted.address === place.address && wanted.port === place.port) return undefined;
  return `warning: confirmed at ${formatEndpoint(place)}, where it was before: nothing answers at ${formatEndpoint(wanted)}`;
}

/** Meets a host that moves where it is after an activation; one that stays over the session there is. */
export async function withCurrentEndpoint<T>(
  { session, deadlines, reporter, signal }: AttemptContext,
  work: (session: SshSession) => Promise<T>,
): Promise<T> {
  const { target } = session;
  if (endpointsOf(target.connection).length === 1) return work(session);
  await using now = await openSession(target, {
    timeoutSeconds: deadlines.contact,
    reporter,
    signal,
  });
  return await work(now);
}
