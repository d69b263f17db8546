import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";
import { isEngine, type ReadProcess } from "../../platform/parent-watch.ts";

/** A lock file of a file backend (`lockContent` in pulumi/pkg/backend/diy/lock.go). */
const stackLockSchema = z.object({
  pid: z.number().int().positive(),
  username: z.string(),
  hostname: z.string(),
  /** RFC 3339 */
  timestamp: z.string(),
});
export type StackLock = z.infer<typeof stackLockSchema>;

/** Reads one lock file; undefined when it has another shape. */
export function parseStackLock(text: string): StackLock | undefined {
  return stackLockSchema.safeParse(parseJson(text)).data;
}

/** `gone` only where that can be known: the lock was created on this machine, and no engine runs under its process id. */
export type OwnerState = "running" | "gone" | "elsewhere";

/** Judges whether the engine that made a lock still runs. A reused process id belongs to something that is not an engine. */
export function ownerState(lock: StackLock, machine: string, read: ReadProcess): OwnerState {
  if (lock.hostname !== machine) return "elsewhere";
  const owner = read(lock.pid);
  return owner !== undefined && isEngine(owner.name) ? "running" : "gone";
}

/** One phrase for messages. */
export function describeStackLock(lock: StackLock): string {
  return `${lock.username}@${lock.hostname} (process ${lock.pid}, since ${lock.timestamp})`;
}

/**
 * Folder of a stack's locks below a file backend, from its URL as `pulumi whoami --verbose` prints it; undefined for any other
 * backend. `file://~` is the user's home (pulumi/pkg/backend/diy, `massageBlobPath`).
 */
export function lockFolder(
  backendUrl: string,
  stack: { project: string; name: string },
  home: string,
): string | undefined {
  if (!backendUrl.startsWith("file://")) return undefined;
  const path = decodeURIComponent(backendUrl.slice("file://".length).replace(/\?.*$/, ""));
  const absolute = path.replace(/^~(?=\/|$)/, home).replace(/\/+$/, "");
  // The name may be given in full: organization/project/stack.
  const name = stack.name.split("/").at(-1) ?? stack.name;
  return `${absolute}/.pulumi/locks/organization/${stack.project}/${name}`;
}
