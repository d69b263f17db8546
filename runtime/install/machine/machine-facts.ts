import { z } from "zod";
import { type DiskRecord, parseDiskRecord } from "../../../model/protocol/disk-layout.ts";
import type { HostIdentity } from "../../../model/protocol/install.ts";
import { parseIdentity } from "../../host/identity-file.ts";
import { type InstallRecord, parseRecord } from "./install-record.ts";
import { type Network, readNetwork } from "./network.ts";

/** Something read from a file of the target: nothing there, not understood, or its meaning. */
export type Found<T> =
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly why: string }
  | { readonly state: "present"; readonly value: T };

/** One disk or partition. `content` is the file system or table blkid(8) sees, or null. */
interface BlockDevice {
  readonly path: string;
  readonly bytes: number;
  readonly content: string | null;
}

/** A device that the disk layout names, as the machine knows it. */
export interface NamedDevice {
  readonly name: string;
  readonly kind: "missing" | "no-device" | "partition" | "read-only" | "disk";
  /** Path without links; null when it is missing. */
  readonly path: string | null;
}

/** What `runtime/remote/install/inspect-machine.sh` saw. */
export interface MachineFacts {
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
  /** Layout the disks were formatted with. */
  readonly diskRecord: Found<DiskRecord>;
  /** RAM in bytes. */
  readonly memory: number;
  readonly firmware: "bios" | "uefi";
  /** Its time of day, in seconds since 1970. */
  readonly clock: number;
  /** Where the installer is unpacked, and what is free there, in bytes. */
  readonly home: { readonly path: string; readonly free: number };
  /** null: the machine cannot report it. */
  readonly network: Network | null;
  readonly devices: readonly NamedDevice[];
  /** Devices of cloud volumes, their partitions included. */
  readonly volumes: readonly string[];
  /** Partitions that disko has named. */
  readonly marks: readonly { readonly name: string; readonly path: string }[];
  readonly disks: readonly BlockDevice[];
  readonly partitions: readonly BlockDevice[];
  /** Processes of an interrupted install, as `pid name`. */
  readonly leftovers: readonly string[];
}

const single = [
  "boot-id",
  "os",
  "variant",
  "architecture",
  "uid",
  "system",
  "mounted",
  "identity",
  "record",
  "disks",
  "memory",
  "firmware",
  "clock",
  "home",
  "contact",
  "networkd",
  "addresses",
  "routes4",
  "routes6",
];
const repeated = ["disk", "partition", "leftover", "device", "volume", "mark"];

const bytes = z.string().regex(/^\d+$/).transform(Number);
const home = z.tuple([bytes, z.string()]).transform(([free, path]) => ({ path, free }));
const mark = z
  .tuple([z.string().startsWith("disk-"), z.string().startsWith("/dev/")])
  .transform(([name, path]) => ({ name, path }));
const namedDevice = z
  .tuple([z.string(), z.enum(["missing", "no-device", "partition", "read-only", "disk"]), z.string()])
  .transform(([name, kind, path]) => ({ name, kind, path: path === "-" ? null : path }));
const blockDevice = z
  .tuple([z.string().startsWith("/dev/"), z.coerce.number().int().nonnegative(), z.string()])
  .transform(([path, bytes, content]) => ({ path, bytes, content: content === "none" ? null : content }));

/**
 * Reads the guard's report.
 * @throws Error when it is incomplete or holds anything unknown: nothing may be decided on half a report.
 */
export function parseMachineFacts(report: string): MachineFacts {
  const { one, many } = readReport(report, "inspect-machine", [...single, ...repeated]);
  const words = (name: string) => many(name).map((line) => line.split(" "));
  const os = one("os");
  return {
    bootId: z.uuid().parse(one("boot-id")),
    os,
    installer: os === "nixos" && one("variant") === "installer",
    architecture: one("architecture"),
    root: one("uid") === "0",
    system: many("system").length > 0 ? one("system") : null,
    mounted: one("mounted") === "yes",
    identity: readFound(one("identity"), parseIdentity),
    record: readFound(one("record"), parseRecord),
    diskRecord: readFound(one("disks"), parseDiskRecord),
    memory: bytes.parse(one("memory")),
    firmware: z.enum(["bios", "uefi"]).parse(one("firmware")),
    clock: bytes.parse(one("clock")),
    home: home.parse(one("home").split(" ")),
    network: readNetwork(one),
    devices: words("device").map((line) => namedDevice.parse(line)),
    volumes: many("volume"),
    marks: words("mark").map((line) => mark.parse(line)),
    disks: words("disk").map((line) => blockDevice.parse(line)),
    partitions: words("partition").map((line) => blockDevice.parse(line)),
    leftovers: many("leftover"),
  };
}

/**
 * Reads what one of our scripts reports of a machine: lines of a name and a value.
 * @throws Error when it is incomplete or holds any other name
 */
export function readReport(report: string, script: string, names: readonly string[]) {
  const lines = report.trimEnd().split("\n");
  if (lines.pop() !== `end ${script}`) throw new Error("the machine's report is incomplete");
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [name = "", ...rest] = line.split(" ");
    if (!names.includes(name))
      throw new Error(`the machine's report holds an unknown line: ${line.slice(0, 80)}`);
    values.set(name, [...(values.get(name) ?? []), rest.join(" ").trim()]);
  }
  const many = (name: string): readonly string[] => values.get(name) ?? [];
  const one = (name: string): string => {
    const found = many(name);
    if (found.length !== 1) throw new Error(`the machine's report has ${found.length} lines "${name}"`);
    return found[0] ?? "";
  };
  return { one, many };
}

/** What a report says of a file: its content in base64, or why there is none. */
export function readFound<T extends object>(line: string, parse: (text: string) => T | string): Found<T> {
  const [state, base64] = line.split(" ");
  if (state === "absent") return { state };
  if (state === "unreadable") return { state, why: "it may not be read" };
  if (state !== "present") throw new Error(`the machine's report holds an unknown state "${state}"`);
  const value = parse(Buffer.from(base64 ?? "", "base64").toString("utf8"));
  return typeof value === "string" ? { state: "unreadable", why: value } : { state, value };
}
