import { z } from "zod";
import type { HostIdentity } from "../../fleet/protocol/install.ts";
import { parseIdentity } from "../identity/identity.ts";
import { type InstallRecord, parseRecord } from "./record.ts";

/** Something read from a file of the target: nothing there, not understood, or its meaning. */
export type Found<T> =
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly why: string }
  | { readonly state: "present"; readonly value: T };

/** One disk or partition. `content` is the file system or table blkid(8) sees, or null. */
export interface BlockDevice {
  readonly path: string;
  readonly bytes: number;
  readonly content: string | null;
}

/** What `engine/remote/guard.sh` saw. */
export interface Observation {
  readonly bootId: string;
  /** `ID` of os-release(5). */
  readonly os: string;
  /** NixOS' installer image, in memory. */
  readonly installer: boolean;
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly root: boolean;
  /** `/run/current-system`, resolved; null where there is none. */
  readonly system: string | null;
  /** Something is mounted at /mnt. */
  readonly mounted: boolean;
  readonly identity: Found<HostIdentity>;
  readonly record: Found<InstallRecord>;
  readonly disks: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  /** Processes of an interrupted install, as `pid name`. */
  readonly leftovers: readonly string[];
}

const single = ["boot-id", "os", "variant", "architecture", "uid", "system", "mounted", "identity", "record"];
const repeated = ["disk", "partition", "leftover"];
const blockDevice = z
  .tuple([z.string().startsWith("/dev/"), z.coerce.number().int().nonnegative(), z.string()])
  .transform(([path, bytes, content]) => ({ path, bytes, content: content === "none" ? null : content }));

/**
 * Reads the guard's report.
 * @throws Error when it is incomplete or holds anything unknown: nothing may be decided on half a report.
 */
export function parseObservation(report: string): Observation {
  const lines = report.trimEnd().split("\n");
  if (lines.pop() !== "end guard") throw new Error("the machine's report is incomplete");
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [name, ...rest] = line.split(" ");
    if (name === undefined || (!single.includes(name) && !repeated.includes(name)))
      throw new Error(`the machine's report holds an unknown line: ${line.slice(0, 80)}`);
    values.set(name, [...(values.get(name) ?? []), rest.join(" ").trim()]);
  }
  const one = (name: string): string => {
    const found = values.get(name);
    if (found?.length !== 1)
      throw new Error(`the machine's report has ${found?.length ?? 0} lines "${name}"`);
    return found[0] ?? "";
  };
  const many = (name: string) => values.get(name) ?? [];
  const os = one("os");
  return {
    bootId: z.uuid().parse(one("boot-id")),
    os,
    installer: os === "nixos" && one("variant") === "installer",
    architecture: one("architecture"),
    root: one("uid") === "0",
    system: values.has("system") ? one("system") : null,
    mounted: one("mounted") === "yes",
    identity: found(one("identity"), parseIdentity),
    record: found(one("record"), parseRecord),
    disks: many("disk").map((line) => blockDevice.parse(line.split(" "))),
    partitions: many("partition").map((line) => blockDevice.parse(line.split(" "))),
    leftovers: many("leftover"),
  };
}

function found<T extends object>(line: string, parse: (text: string) => T | string): Found<T> {
  const [state, base64] = line.split(" ");
  if (state === "absent") return { state };
  if (state === "unreadable") return { state, why: "it may not be read" };
  if (state !== "present") throw new Error(`the machine's report holds an unknown state "${state}"`);
  const value = parse(Buffer.from(base64 ?? "", "base64").toString("utf8"));
  return typeof value === "string" ? { state: "unreadable", why: value } : { state, value };
}
