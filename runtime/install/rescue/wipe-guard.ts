import { isSameHost } from "../../host/identity-file.ts";
import type { MachineFacts } from "../machine/machine-facts.ts";
import {
  type Decision,
  describeDisks,
  holdsData,
  type Intent,
  markedByDisko,
  refuse,
} from "../machine/wipe-guard.ts";
import type { DiskContents, IdentityOnDisk } from "./disk-contents.ts";

/**
 * Decides for a machine that does not run from its disks: in the cloud's rescue system, or in the installer that was started from
 * there. The contents of the disks are all there is to go by; whose server it is, the cloud has said.
 */
export function decideFromRescue(seen: MachineFacts, contents: DiskContents, intent: Intent): Decision {
  if (contents.used.length > 0)
    return {
      ...refuse(intent, `it runs from its disks (${contents.used.join(", ")}), not from the rescue system`),
      next: "run pulumi up again; if it happens again, check the server's console",
    };
  const decision = decideByDisks(seen, contents, intent);
  if (decision.action === "refuse" && intent.wipe)
    return { action: "install", reason: `wipe: ${intent.host} is configured (${decision.reason})` };
  return decision;
}

function decideByDisks(seen: MachineFacts, contents: DiskContents, intent: Intent): Decision {
  const own = <T extends { path: string }>(items: readonly T[]) =>
    items.filter(({ path }) => !seen.volumes.includes(path));
  const [identity, second] = own(contents.identities);
  if (second !== undefined) return refuse(intent, "its disks carry the identities of several hosts");
  if (identity !== undefined) return decideIdentityOnDisk(identity, intent);
  if (intent.provider === "existing" || intent.bootstrapHostKey === null)
    return holdsData(seen)
      ? refuse(intent, `no host of this stack; ${describeDisks(seen)}`)
      : { action: "install", reason: "empty disks" };
  if (own(seen.marks).length === 0) return { action: "install", reason: "stock image of a new server" };
  // Every file system was read, and nothing was ever put on one.
  if (own(contents.devices).every(({ kind }) => kind === "empty"))
    return { action: "install", reason: "formatted by an install that did not go on" };
  return markedByDisko(seen, intent) ?? refuse(intent, "its disks cannot be read");
}

function decideIdentityOnDisk({ identity, complete }: IdentityOnDisk, intent: Intent): Decision {
  if (identity.state !== "present")
    return refuse(intent, "the identity on its disks cannot be read: unreadable marker");
  const { host, stack, reinstall, installId } = identity.value;
  if (!isSameHost(identity.value, intent)) return refuse(intent, `its disks carry ${host} of stack ${stack}`);
  if (!complete) return { action: "install", reason: "an install of this host was not completed" };
  if (intent.reinstall !== null && intent.reinstall !== reinstall)
    return { action: "install", reason: "the reinstall token changed" };
  return {
    action: "refuse",
    reason: `its disks carry this host, installed already (install ${installId})`,
    next: "nothing was changed; check the server's console why its system does not answer. To erase its data and install it again, change its reinstall token",
  };
}
