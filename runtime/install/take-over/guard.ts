import type { HostIdentity } from "../../../model/protocol/install.ts";
import { type HostName, identityPath, isSameHost } from "../../host/identity-file.ts";
import type { MachineFacts } from "../machine/machine-facts.ts";

/** What is to be done with a machine that should run NixOS already. */
export type TakeOverDecision =
  | { readonly action: "keep"; readonly identity: HostIdentity; readonly system: string }
  | { readonly action: "enrol"; readonly system: string }
  | { readonly action: "refuse"; readonly reason: string; readonly next: string };

/** The part of the guard's report that decides. */
export type Seen = Pick<MachineFacts, "os" | "installer" | "system" | "identity">;

/** Decides before anything is changed: a NixOS without an owner is enrolled, this very host is kept, all else is refused. */
export function decideTakeOver(seen: Seen, wanted: HostName): TakeOverDecision {
  const refuse = (reason: string, next: string): TakeOverDecision => ({ action: "refuse", reason, next });
  if (seen.os !== "nixos" || seen.system === null)
    return refuse(
      `it runs no NixOS (${seen.os || "unknown system"})`,
      'leave out bootstrap: "none" to install NixOS on it; nothing was changed',
    );
  if (seen.installer)
    return refuse(
      "it runs NixOS' installer from memory, and no installed system",
      "boot its installed system, then run pulumi up again; nothing was changed",
    );
  const { system, identity } = seen;
  switch (identity.state) {
    case "absent":
      return { action: "enrol", system };
    case "unreadable":
      return refuse(
        `its identity cannot be read: ${identity.why}`,
        `check ${identityPath} on the machine; nothing was changed`,
      );
    case "present":
      if (isSameHost(identity.value, wanted)) return { action: "keep", identity: identity.value, system };
      return refuse(
        `it is ${identity.value.host} of stack ${identity.value.stack}`,
        `check the address; if that stack has given it up, remove ${identityPath} on the machine`,
      );
  }
}
