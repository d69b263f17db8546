import { type ConnectionCandidate, connectFirst } from "../../ssh/connect-first.ts";
import { ConnectionError } from "../../ssh/connection-error.ts";
import { fingerprint } from "../../ssh/fingerprint.ts";
import type { SshSession } from "../../ssh/session.ts";
import { type LoginEndpoint, loginAt, loginPlaces } from "./login-endpoints.ts";
import type { InstallContext } from "./phase.ts";
import type { PresentedKey } from "./wipe-guard.ts";

/** An open session, and which of the pinned keys the machine showed. */
export interface Contact {
  readonly session: SshSession;
  readonly shown: PresentedKey;
}

/** What may answer; default: all pinned keys, at both places. */
export interface Expected {
  readonly only?: PresentedKey;
  readonly place?: LoginEndpoint;
  /** Instead of the place's own. */
  readonly user?: string;
}

/**
 * Opens a session. A system that is not installed yet answers as root on port 22, whatever the configuration says of the
 * installed one, so both are tried.
 */
export async function contact(
  context: InstallContext,
  timeoutSeconds: number,
  expected: Expected = {},
): Promise<Contact> {
  const { spec, reporter, signal } = context;
  const pins = pinnedKeys(context).filter(
    ({ shown }) => expected.only === undefined || shown === expected.only,
  );
  const { user } = expected;
  const hostKeys = pins.map(({ key }) => key);
  const way = (place: LoginEndpoint): ConnectionCandidate => ({
    target: {
      host: spec.host,
      connection: { ...loginAt(spec.connection, place), ...(user === undefined ? {} : { user }) },
      hostKeys,
    },
    // Behind one address of a private network several machines may answer, each on its port.
    authoritative: place === "configured" || spec.provider !== "existing",
  });
  const places = expected.place === undefined ? loginPlaces(spec.connection) : [expected.place];
  const [first = "configured", ...others] = places;
  const session = await connectFirst([way(first), ...others.map(way)], {
    timeoutSeconds,
    signal,
    reporter,
  }).catch((error: unknown) => {
    throw withRebuilt(spec, error);
  });
  const shown = pins.find(({ key }) => fingerprint(key) === session.shownFingerprint)?.shown;
  if (shown === undefined) throw new Error(`a session with an unknown key: ${session.shownFingerprint}`);
  return { session, shown };
}

/** An installed machine is held to its final key, and so one that was rebuilt from its image is refused. */
function withRebuilt({ host, bootstrapHostKey }: InstallContext["spec"], error: unknown): unknown {
  if (!(error instanceof ConnectionError) || error.kind !== "host-key" || bootstrapHostKey !== null)
    return error;
  const { seen, next = "" } = error.failure;
  const rebuilt = `; if you rebuilt the server from its image yourself, set wipe: ${host}`;
  return new ConnectionError({ host }, error.kind, seen, `${next}${rebuilt}`);
}

/** Host keys that the machine may show, whichever system runs on it. */
export function pinnedKeys({ spec, rescueKey }: InstallContext): { shown: PresentedKey; key: string }[] {
  return [
    { shown: "final", key: spec.hostKey.publicKey },
    ...(spec.bootstrapHostKey === null ? [] : [{ shown: "bootstrap" as const, key: spec.bootstrapHostKey }]),
    ...(rescueKey === undefined ? [] : [{ shown: "rescue" as const, key: rescueKey }]),
  ];
}
