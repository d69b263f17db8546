import { describeBytes } from "../../../model/naming/format-bytes.ts";
import type { HostIdentity, InstallSpec } from "../../../model/protocol/install.ts";
import { compareDiskLayout } from "../../host/disk-layout-diff.ts";
import { isSameHost } from "../../host/identity-file.ts";
import { type InstallRecord, type RecordedStep, recordedSteps } from "./install-record.ts";
import type { MachineFacts } from "./machine-facts.ts";

/** Which of the pinned host keys the machine showed. */
export type PresentedKey = "bootstrap" | "final" | "rescue";

/** What is to be done with a machine. Only `install` and `resume` change anything. */
export type Decision =
  | { readonly action: "install"; readonly reason: string }
  | { readonly action: "resume"; readonly record: InstallRecord; readonly done: readonly RecordedStep[] }
  | { readonly action: "adopt"; readonly identity: HostIdentity }
  | { readonly action: "refuse"; readonly reason: string; readonly next: string };

/** The part of an install's specification that decides. */
export type Intent = Pick<
  InstallSpec,
  "stack" | "host" | "aliases" | "provider" | "reinstall" | "wipe" | "acceptDiskLayout" | "bootstrapHostKey"
> & { readonly system: Pick<InstallSpec["system"], "toplevel" | "disko" | "diskLayout"> };

/**
 * Decides, before anything is changed. What may be wiped: the stock image of a server this stack created, an install of ours that
 * did not end, this very host when its token changed, and what `wipe` names. Everything else is adopted or refused.
 */
export function decide(seen: MachineFacts, shown: PresentedKey, intent: Intent): Decision {
  const decision = seen.installer ? decideInstaller(seen, shown, intent) : decideSystem(seen, shown, intent);
  if (decision.action === "refuse" && intent.wipe)
    return { action: "install", reason: `wipe: ${intent.host} is configured (${decision.reason})` };
  // After the answer to `wipe`: that one may be in a configuration for long, and an edit of the layout must not apply it.
  return decision.action === "adopt" ? checkLayout(decision, seen, intent) : decision;
}

function checkLayout(adoption: Decision, { diskRecord }: MachineFacts, intent: Intent): Decision {
  if (intent.acceptDiskLayout) return adoption;
  const recorded =
    diskRecord.state === "present"
      ? { state: "present" as const, layout: diskRecord.value.layout }
      : diskRecord;
  const error = compareDiskLayout(intent.host, recorded, intent.system.diskLayout);
  return error === undefined ? adoption : { action: "refuse", reason: error.seen, next: error.next };
}

function decideInstaller(seen: MachineFacts, shown: PresentedKey, intent: Intent): Decision {
  const { record } = seen;
  if (record.state === "unreadable")
    return refuse(intent, `its install record cannot be read: ${record.why}`);
  if (record.state === "present") {
    if (!isSameHost(record.value, intent))
      return refuse(intent, `${record.value.host} of stack ${record.value.stack} is being installed on it`);
    return { action: "resume", record: record.value, done: completed(seen, record.value, intent) };
  }
  if (createdByUs(shown, intent))
    return markedByDisko(seen, intent) ?? { action: "install", reason: "a new server, in the installer" };
  if (intent.provider === "existing" && !holdsData(seen))
    return { action: "install", reason: "empty disks, in the installer" };
  const why = "an installer runs on it, without a record of an install by this program";
  return {
    ...refuse(intent, `${why}; ${describeDisks(seen)}`),
    next: `reboot the machine into its system, or set wipe: ${intent.host} to lose what is on its disks`,
  };
}

/** Steps that need no repetition: all before the first that is missing, belongs to another system or is no longer mounted. */
function completed(seen: MachineFacts, record: InstallRecord, intent: Intent): RecordedStep[] {
  if (record.disko !== intent.system.disko || record.reinstall !== intent.reinstall) return [];
  if (!seen.mounted) return [];
  const sameSystem = record.toplevel === intent.system.toplevel;
  const kept: RecordedStep[] = [];
  for (const step of recordedSteps) {
    const holds = { disko: true, identity: record.host === intent.host, install: sameSystem }[step];
    if (!record.done.includes(step) || !holds) break;
    kept.push(step);
  }
  return kept;
}

function decideSystem(seen: MachineFacts, shown: PresentedKey, intent: Intent): Decision {
  const { identity } = seen;
  if (identity.state === "unreadable") return refuse(intent, `its identity cannot be read: ${identity.why}`);
  if (identity.state === "present") return decideIdentity(identity.value, shown, intent);
  if (seen.os === "nixos") return refuse(intent, "it runs a NixOS that this stack did not install");
  if (createdByUs(shown, intent))
    return markedByDisko(seen, intent) ?? { action: "install", reason: "stock image of a new server" };
  const kind =
    intent.provider === "existing" ? "it is an existing machine" : "it is not a stock image of this stack";
  return refuse(intent, `${kind} (${seen.os || "unknown system"}); ${describeDisks(seen)}`);
}

function decideIdentity(identity: HostIdentity, shown: PresentedKey, intent: Intent): Decision {
  if (!isSameHost(identity, intent))
    return refuse(intent, `it is ${identity.host} of stack ${identity.stack}`);
  if (shown !== "final")
    return refuse(
      intent,
      "it carries this host's identity, but shows the bootstrap host key instead of the final one",
    );
  if (intent.reinstall !== null && intent.reinstall !== identity.reinstall)
    return { action: "install", reason: "the reinstall token changed" };
  return { action: "adopt", identity };
}

/** Only a server that this stack created can have its bootstrap key: it exists nowhere but in the server's user data. */
function createdByUs(shown: PresentedKey, intent: Intent): boolean {
  return intent.provider !== "existing" && intent.bootstrapHostKey !== null && shown === "bootstrap";
}

/**
 * The mark outside of any encryption: no stock image has partitions with names of disko's. Where there are some, a NixOS was installed
 * whose identity is out of reach (encrypted, damaged, on another disk), so whose it is stays unknown.
 */
export function markedByDisko({ marks, volumes }: MachineFacts, intent: Intent): Decision | undefined {
  const names = marks
    .filter(({ path }) => !volumes.includes(path))
    .map(({ name, path }) => `${name} (${path})`);
  if (names.length === 0) return undefined;
  const why = `its partitions ${names.sort().join(", ")} were created for a NixOS, and the host it belongs to cannot be read: unreadable marker`;
  return refuse(intent, why);
}

/** Anything at all on any disk. */
export function holdsData(seen: MachineFacts): boolean {
  return seen.partitions.length > 0 || seen.disks.some((disk) => disk.content !== null);
}

/** What would be lost. */
export function describeDisks(seen: MachineFacts): string {
  const parts = [...seen.disks, ...seen.partitions]
    .sort((a, b) => a.path.localeCompare(b.path))
    .map(
      ({ path, bytes, content }) => `${path} ${describeBytes(bytes)}${content === null ? "" : ` ${content}`}`,
    );
  return parts.length === 0 ? "no disk was found" : `its disks: ${parts.join(", ")}`;
}

/** A refusal that names the solution. */
export function refuse(intent: Intent, reason: string): Extract<Decision, { action: "refuse" }> {
  return {
    action: "refuse",
    reason,
    next: `nothing was changed; if all data on that machine may be lost, set wipe: ${intent.host}`,
  };
}
