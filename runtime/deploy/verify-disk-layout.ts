import type { DeploySpec } from "../../model/protocol/deploy.ts";
import { type DiskRecord, diskRecordPath, formatDiskRecord } from "../../model/protocol/disk-layout.ts";
import { compareDiskLayout, recordedLayout } from "../host/disk-layout-diff.ts";
import type { RemoteDocument } from "../host/host-state.ts";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { writeHostFile } from "./write-host-file.ts";

/**
 * Makes sure that a deployment is for the disks the host has.
 * @returns whether the host's record has to be written: it has none, or `acceptDiskLayout: true` covers a difference
 * @throws StepError step "disk layout" for a layout that was not accepted: the host is left alone
 */
export function checkDisks(
  { host, system, acceptDiskLayout, goal }: Pick<DeploySpec, "host" | "system" | "acceptDiskLayout" | "goal">,
  found: RemoteDocument<DiskRecord>,
): boolean {
  const wanted = system.diskLayout;
  if (wanted === null) return false;
  const recorded = recordedLayout(found);
  const error = compareDiskLayout(host, recorded, wanted);
  if (error !== undefined && !acceptDiskLayout) throw new StepError({ host, step: "disk layout", ...error });
  return goal !== "dry-activate" && (error !== undefined || recorded.state === "absent");
}

/** Writes the configuration's layout into the host's record, at once or not at all. */
export async function recordDisks(
  { system }: DeploySpec,
  session: SshSession,
  limits: Omit<Limits, "timeoutSeconds">,
): Promise<void> {
  if (system.diskLayout === null) return;
  limits.reporter?.progress("recording its disk layout");
  const content = formatDiskRecord(system.diskLayout);
  await writeHostFile(session, { file: diskRecordPath, content, step: "recording the disk layout" }, limits);
}
