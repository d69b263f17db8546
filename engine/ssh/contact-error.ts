import { StepError } from "../step-error.ts";
import type { ConnectionFault } from "./diagnosis.ts";
import { fingerprint } from "./fingerprint.ts";
import { publicKeyOf } from "./public-key.ts";
import type { SshTarget } from "./target.ts";

/** Why no session was opened, for callers that treat the causes differently. */
export class ContactError extends StepError {
  readonly kind: ConnectionFault["kind"] | "cancelled";

  constructor(target: SshTarget, kind: ContactError["kind"], seen: string, next: string) {
    super({ host: target.host, step: "contact", seen, next });
    this.kind = kind;
  }
}

/** The key itself is named: a person who has another way in can paste it. */
function letIn({ connection: { user, privateKey } }: SshTarget): string {
  const key = publicKeyOf(privateKey);
  const line = key === undefined ? "the stack's deploy key" : `this line: ${key}`;
  return `put into the authorized keys of "${user}" on that machine (~/.ssh/authorized_keys) ${line}`;
}

/** The error for what went wrong, in words that say what to do. */
export function describeFault(
  target: SshTarget,
  fault: ConnectionFault,
  elapsedSeconds: number,
): ContactError {
  const { address, port, user } = target.connection;
  const where = `${address} port ${port}`;
  const error = (seen: string, next: string) => new ContactError(target, fault.kind, seen, next);
  switch (fault.kind) {
    case "host-key": {
      const pinned = target.hostKeys.map(fingerprint).join(" or ");
      return error(
        `${where} shows another host key: pinned is ${pinned}, shown was ${fault.seen}; nothing was sent`,
        "find out which machine answers at this address before you change the pinned key: it may be an attacker's",
      );
    }
    case "user-key":
      return error(`${where} refuses our key for user "${user}" (${fault.seen})`, letIn(target));
    case "key-file":
      return error(fault.seen, "give the OpenSSH private key of the deploy key, without passphrase");
    case "no-ssh":
      return error("there is no ssh program here", "install the OpenSSH client");
    case "unreachable":
      return error(
        `${where} could not be reached within ${Math.round(elapsedSeconds)} s (${fault.seen})`,
        "check that the machine runs, its address and the firewall, then run it again",
      );
  }
}
