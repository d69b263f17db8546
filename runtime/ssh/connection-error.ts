import { StepError } from "../platform/step-error.ts";
import type { ConnectionFailure } from "./diagnose-stderr.ts";
import { fingerprint } from "./fingerprint.ts";
import { hopsOf } from "./jump-hops.ts";
import { publicKeyOf } from "./public-key.ts";
import type { SshTarget } from "./target.ts";

/** Why no session was opened, for callers that treat the causes differently. */
export class ConnectionError extends StepError {
  readonly kind: ConnectionFailure["kind"] | "cancelled";

  constructor(target: Pick<SshTarget, "host">, kind: ConnectionError["kind"], seen: string, next: string) {
    super({ host: target.host, step: "contact", seen, next });
    this.kind = kind;
  }
}

/** One machine of the jump path, as an error names it. */
interface Party {
  /** `198.51.100.7 port 22`, `jump host "bastion" (198.51.100.1 port 22)` */
  readonly where: string;
  readonly user: string;
  readonly hostKeys: readonly string[];
  readonly privateKey: string;
}

function partyOf(target: SshTarget, failure: ConnectionFailure): Party {
  const { connection, hostKeys } = target;
  const hop = failure.hop === undefined ? undefined : hopsOf(target)[failure.hop];
  if (hop === undefined) {
    const last = hopsOf(target).at(-1);
    const through = last === undefined ? "" : ` (through jump host "${last.name}")`;
    return { ...connection, where: `${connection.address} port ${connection.port}${through}`, hostKeys };
  }
  return {
    where: `jump host "${hop.name}" (${hop.address} port ${hop.port})`,
    user: hop.user,
    hostKeys: [hop.hostKey],
    privateKey: hop.privateKey ?? connection.privateKey,
  };
}

/** The key itself is named: a person who has another way in can paste it. */
function letIn({ user, privateKey }: Party): string {
  const key = publicKeyOf(privateKey);
  const line = key === undefined ? "the stack's deploy key" : `this line: ${key}`;
  return `put into the authorized keys of "${user}" on that machine (~/.ssh/authorized_keys) ${line}`;
}

/** The error for what went wrong, in words that say what to do. */
export function describeConnectionFailure(
  target: SshTarget,
  failure: ConnectionFailure,
  elapsedSeconds: number,
): ConnectionError {
  const party = partyOf(target, failure);
  const { where } = party;
  const error = (seen: string, next: string) => new ConnectionError(target, failure.kind, seen, next);
  switch (failure.kind) {
    case "host-key": {
      const pinned = party.hostKeys.map(fingerprint).join(" or ");
      return error(
        `${where} shows another host key: pinned is ${pinned}, shown was ${failure.seen}; nothing was sent`,
        "find out which machine answers at this address before you change the pinned key: it may be an attacker's",
      );
    }
    case "user-key":
      return error(`${where} refuses the key for user "${party.user}" (${failure.seen})`, letIn(party));
    case "key-file":
      return error(
        failure.hop === undefined ? failure.seen : `${where}: ${failure.seen}`,
        failure.hop === undefined
          ? "give the OpenSSH private key of the deploy key, without passphrase"
          : "give an OpenSSH private key without passphrase",
      );
    case "no-ssh":
      return error("this machine has no ssh program", "install the OpenSSH client");
    case "no-forwarding":
      return error(
        `${where} accepts the login, but forwards no connection to the next machine (${failure.seen})`,
        `allow it for user "${party.user}" on that machine (sshd_config(5), AllowTcpForwarding and PermitOpen)`,
      );
    case "unreachable":
      return error(
        `${where} could not be reached within ${Math.round(elapsedSeconds)} s (${failure.seen})`,
        "check that the machine runs, its address and the firewall, then run it again",
      );
  }
}
