import type { HostIdentity } from "../../../model/protocol/install.ts";
import { isSameHost } from "../../host/identity-file.ts";
import type { Found, MachineFacts } from "../machine/machine-facts.ts";
import type { Decision, Intent } from "../machine/wipe-guard.ts";
import { type InfectRecord, infectRecordPath } from "./record.ts";

/** What is to be done with a machine whose system NixOS shall replace in place. */
export type InfectDecision =
  | { readonly action: "infect"; readonly reason: string; readonly installId: string | null }
  | { readonly action: "adopt"; readonly identity: HostIdentity }
  | { readonly action: "refuse"; readonly reason: string; readonly next: string };

/**
 * Decides, before anything is changed.
 * @param general what an install that formats disks would do: its guard holds here as well
 * @param record mark of a take-over that has begun
 */
export function decideInfection(
  seen: Pick<MachineFacts, "os">,
  general: Decision,
  record: Found<InfectRecord>,
  intent: Pick<Intent, "stack" | "host" | "aliases">,
): InfectDecision {
  if (general.action === "adopt" && seen.os === "nixos") return general;
  if (seen.os === "nixos") {
    const why = general.action === "refuse" ? general.reason : "it runs NixOS already";
    return {
      action: "refuse",
      reason: why,
      next: 'a NixOS cannot be replaced in place: take it over by bootstrap: "none", install over it by bootstrap: "kexec", or rebuild the machine from its image',
    };
  }
  if (record.state === "unreadable")
    return {
      action: "refuse",
      reason: `its record of a take-over cannot be read: ${record.why}`,
      next: `check ${infectRecordPath} on the machine; nothing was changed`,
    };
  if (record.state === "present") {
    const { stack, host, installId } = record.value;
    if (isSameHost(record.value, intent))
      return { action: "infect", reason: "going on with an interrupted take-over", installId };
    return {
      action: "refuse",
      reason: `${host} of stack ${stack} is taking it over`,
      next: `check the address; if that stack has given it up, remove ${infectRecordPath} on the machine`,
    };
  }
  switch (general.action) {
    case "install":
      return { action: "infect", reason: general.reason, installId: null };
    case "refuse":
      return general;
    case "resume":
    case "adopt":
      return {
        action: "refuse",
        reason: "it carries marks of an install, and no NixOS runs on it",
        next: "find out what happened to it; nothing was changed",
      };
  }
}
