import {
  compareTrees,
  type DiskLayout,
  type DiskRecord,
  describeChange,
  diskRecordPath,
} from "../../model/protocol/disk-layout.ts";
import type { RemoteDocument } from "./host-state.ts";

/** What a host says of the layout its disks have: no record, one that cannot be read, or its layout. */
export type RecordedLayout =
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly why: string }
  | { readonly state: "present"; readonly layout: DiskLayout };

/** Why a host must not be touched with this configuration, and the ways out. */
export interface DiskLayoutMismatch {
  readonly seen: string;
  readonly next: string;
}

/**
 * Compares the layout on the disks with the configuration's: an edit never costs data. Undefined when they agree, and when there is
 * nothing to compare: a host without a record, or a configuration without disks.
 */
export function compareDiskLayout(
  host: string,
  recorded: RecordedLayout,
  wanted: DiskLayout | null,
): DiskLayoutMismatch | undefined {
  if (wanted === null || recorded.state === "absent") return undefined;
  if (recorded.state === "unreadable")
    return {
      seen: `the record of its disk layout, ${diskRecordPath}, cannot be understood: ${recorded.why}`,
      next: `check the file on the machine; if its disks are as the configuration says, set acceptDiskLayout: true for ${host}`,
    };
  const changes = compareTrees(recorded.layout.tree, wanted.tree);
  if (changes.length === 0) return undefined;
  return {
    seen: [
      "the configuration's disk layout is not the one on the disks:",
      ...changes.map(describeChange),
    ].join("\n    "),
    next: `undo the change; or set reinstall: <a new token> for ${host}, which loses all its data; or, if the disks were changed by hand to be so, set acceptDiskLayout: true`,
  };
}

/** What a host's document says of the layout its disks have. */
export function recordedLayout(found: RemoteDocument<DiskRecord>): RecordedLayout {
  switch (found.kind) {
    case "absent":
      return { state: "absent" };
    case "unreadable":
      return { state: "unreadable", why: found.text.slice(0, 200) };
    case "read":
      return { state: "present", layout: found.value.layout };
  }
}
