import type { HostIdentity } from "../../model/protocol/install.ts";
import type { RemoteDocument } from "../host/host-state.ts";
import { StepError } from "../platform/step-error.ts";

/** Who we are to the host. */
export interface ExpectedIdentity {
  readonly stack: string;
  readonly host: string;
  /** Former names, accepted as ours. */
  readonly aliases: readonly string[];
}

/**
 * Makes sure that the machine that answers is the one this stack installed under this name.
 * @returns its identity, and whether it still carries a former name.
 * @throws StepError step "identity" for any other machine: it is left alone.
 */
export function verifyIdentity(
  claim: ExpectedIdentity,
  identity: RemoteDocument<HostIdentity>,
): { identity: HostIdentity; renamed: boolean } {
  const refuse = (seen: string, next: string) =>
    new StepError({ host: claim.host, step: "identity", seen, next });
  switch (identity.kind) {
    case "absent":
      throw refuse(
        "the machine has no /etc/fleet/identity.json: it was not installed by this project",
        "install it with this stack first, or check the address",
      );
    case "unreadable":
      throw refuse(
        `/etc/fleet/identity.json cannot be understood: ${identity.text.slice(0, 200)}`,
        "check the file on the machine; nothing was changed",
      );
    case "read": {
      const { stack, host } = identity.value;
      if (stack === claim.stack && host === claim.host) return { identity: identity.value, renamed: false };
      if (stack === claim.stack && claim.aliases.includes(host))
        return { identity: identity.value, renamed: true };
      throw refuse(
        `the machine is host "${host}" of stack "${stack}", not "${claim.host}" of "${claim.stack}"`,
        stack === claim.stack
          ? `check the address, or name it in \`aliases: [${host}]\` if the host was renamed`
          : "check the address; nothing was changed",
      );
    }
  }
}
