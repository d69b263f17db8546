import type { InstallSpec } from "../../fleet/protocol/install.ts";
import { ContactError } from "../ssh/contact-error.ts";
import { fingerprint } from "../ssh/fingerprint.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import type { ShownKey } from "./decision.ts";
import type { InstallContext } from "./phase.ts";

/** An open session, and which of the pinned keys the machine showed. */
export interface Contact {
  readonly session: SshSession;
  readonly shown: ShownKey;
}

/** Opens a session; either pinned key will do unless `only` names one. */
export async function contact(
  { spec, reporter, signal }: InstallContext,
  deadlineSeconds: number,
  expected: { readonly only?: ShownKey; readonly user?: string } = {},
): Promise<Contact> {
  const target = {
    host: spec.host,
    connection: { ...spec.connection, user: expected.user ?? spec.connection.user },
    hostKeys: acceptedKeys(spec, expected.only),
  };
  const session = await openSession(target, { deadlineSeconds, signal, reporter }).catch((error: unknown) => {
    if (!(error instanceof ContactError) || error.kind !== "host-key" || spec.bootstrapHostKey !== null)
      throw error;
    const { seen, next = "" } = error.failure;
    const rebuilt = `; if you rebuilt the server from its image yourself, set wipe: ${spec.host}`;
    throw new ContactError(target, error.kind, seen, `${next}${rebuilt}`);
  });
  return { session, shown: shownKey(spec, session) };
}

function acceptedKeys(spec: InstallSpec, only: ShownKey | undefined): string[] {
  const keys: string[] = [];
  if (only !== "bootstrap") keys.push(spec.hostKey.publicKey);
  if (only !== "final" && spec.bootstrapHostKey !== null) keys.push(spec.bootstrapHostKey);
  return keys;
}

function shownKey(spec: InstallSpec, session: SshSession): ShownKey {
  return session.shownFingerprint === fingerprint(spec.hostKey.publicKey) ? "final" : "bootstrap";
}
