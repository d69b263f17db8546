import type { InstallSpec } from "../../fleet/protocol/install.ts";
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
  const session = await openSession(
    {
      host: spec.host,
      connection: { ...spec.connection, user: expected.user ?? spec.connection.user },
      hostKeys: acceptedKeys(spec, expected.only),
    },
    { deadlineSeconds, signal, reporter },
  );
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
