import type { DiskRecord } from "../../model/protocol/disk-layout.ts";
import type { RecordedLayout } from "./disk-layout-diff.ts";
import type { RemoteDocument } from "./host-state.ts";

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
