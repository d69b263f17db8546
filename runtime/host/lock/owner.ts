import { hostname, userInfo } from "node:os";
import { z } from "zod";
import { parseJson } from "../../../model/json/json.ts";

/** Who holds a host's deployment lock, as written next to it. Information for people: the lock itself is the kernel's. */
const lockOwnerSchema = z.strictObject({
  /** `user@machine` of the operator. */
  operator: z.string(),
  /** Process on the operator's machine. */
  pid: z.number().int(),
  /** Fully named Pulumi stack. */
  stack: z.string(),
  /** What is being done, such as `deploy of web`. */
  what: z.string(),
  /** ISO 8601, by the operator's clock. */
  since: z.string(),
});
export type LockOwner = z.infer<typeof lockOwnerSchema>;

/** `user@machine` of the user that runs this process. */
export function operatorName(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Reads the owner next to a lock; undefined when its format is unknown. */
export function parseLockOwner(text: string): LockOwner | undefined {
  return lockOwnerSchema.safeParse(parseJson(text)).data;
}

/** One phrase for messages. */
export function describeLockOwner(owner: LockOwner | undefined): string {
  if (owner === undefined) return "unknown operator";
  return `${owner.operator} (process ${owner.pid}, ${owner.what}, stack ${owner.stack}, since ${owner.since})`;
}
