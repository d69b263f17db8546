import type { JumpHop } from "../../model/protocol/connection.ts";
import { hostAlias } from "./host-alias.ts";
import type { SshTarget } from "./target.ts";

/** Configurations for the machines in between; ssh gives them to the process it starts for each of them. */
export interface JumpFiles {
  readonly quiet: string;
  /** Says which keys were shown (`LogLevel=DEBUG1`). */
  readonly verbose: string;
}

/** The jump hosts of a target, in order. */
export function hopsOf({ connection }: Pick<SshTarget, "connection">): readonly JumpHop[] {
  return connection.jump ?? [];
}

/** Name by which ssh knows hop `index` (from 0). No host's alias ends like this in the same session. */
export function hopAlias(host: string, index: number): string {
  return `${hostAlias(host)}-jump-${index + 1}`;
}

/** Lines of the session's `known_hosts` for its hops: each may show its own pinned key and nothing else. */
export function hopKnownHosts(target: SshTarget): string {
  return hopsOf(target)
    .map((hop, index) => `${hopAlias(target.host, index)} ${hop.hostKey.split(" ").slice(0, 2).join(" ")}\n`)
    .join("");
}

/** Where ssh goes first to reach the target; empty for a target that is reached directly. */
export function jumpSetting(target: SshTarget): Readonly<Record<string, string>> {
  const count = hopsOf(target).length;
  return count === 0 ? {} : { ProxyJump: hopAlias(target.host, count - 1) };
}
