import { z } from "zod";
import type { Found } from "../machine/machine-facts.ts";
import { type InfectRecord, parseInfectRecord } from "./record.ts";

/** A device the new system mounts, as the running one knows it. */
interface KnownDevice {
  readonly name: string;
  /** Path without links; null where there is none. */
  readonly path: string | null;
  /** File system blkid(8) sees, or null. */
  readonly content: string | null;
}

/** What `runtime/remote/infect/infect-facts.sh` saw. */
export interface InfectFacts {
  readonly record: Found<InfectRecord>;
  readonly devices: readonly KnownDevice[];
  /** What / is mounted from. */
  readonly root: string;
  /** Bytes free where the store will be. */
  readonly free: number;
  /** The store is on the root file system. */
  readonly storeOnRoot: boolean;
  /** There is a Nix database already. */
  readonly nix: boolean;
  /** Programs that are missing. */
  readonly lacks: readonly string[];
}

const deviceLine = z.tuple([z.string(), z.string(), z.string()]).transform(([name, path, content]) => ({
  name,
  path: path === "-" ? null : path,
  content: content === "none" ? null : content,
}));

/**
 * Reads the report.
 * @throws Error when it is incomplete or holds anything unknown
 */
export function parseInfectFacts(report: string): InfectFacts {
  const lines = report.trimEnd().split("\n");
  if (lines.pop() !== "end infect-facts") throw new Error("the machine's report is incomplete");
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [name = "", ...rest] = line.split(" ");
    if (!["record", "device", "root", "free", "store", "nix", "lacks"].includes(name))
      throw new Error(`the machine's report holds an unknown line: ${line.slice(0, 80)}`);
    values.set(name, [...(values.get(name) ?? []), rest.join(" ")]);
  }
  const one = (name: string): string => {
    const found = values.get(name);
    if (found?.length !== 1)
      throw new Error(`the machine's report has ${found?.length ?? 0} lines "${name}"`);
    return found[0] ?? "";
  };
  return {
    record: foundRecord(one("record")),
    devices: (values.get("device") ?? []).map((line) => deviceLine.parse(line.split(" "))),
    root: one("root"),
    free: z.string().regex(/^\d+$/).transform(Number).parse(one("free")),
    storeOnRoot: z.enum(["root", "elsewhere"]).parse(one("store")) === "root",
    nix: z.enum(["present", "absent"]).parse(one("nix")) === "present",
    lacks: values.get("lacks") ?? [],
  };
}

function foundRecord(line: string): Found<InfectRecord> {
  const [state, base64 = ""] = line.split(" ");
  if (state === "absent") return { state };
  if (state === "unreadable") return { state, why: "it may not be read" };
  if (state !== "present") throw new Error(`the machine's report holds an unknown state "${state}"`);
  const value = parseInfectRecord(Buffer.from(base64, "base64").toString("utf8"));
  return typeof value === "string" ? { state: "unreadable", why: value } : { state, value };
}
