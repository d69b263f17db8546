import { z } from "zod";
import { type Found, readFound, readReport } from "../machine/machine-facts.ts";
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
  const names = ["record", "device", "root", "free", "store", "nix", "lacks"];
  const { one, many } = readReport(report, "infect-facts", names);
  return {
    record: readFound(one("record"), parseInfectRecord),
    devices: many("device").map((line) => deviceLine.parse(line.split(" "))),
    root: one("root"),
    free: z.string().regex(/^\d+$/).transform(Number).parse(one("free")),
    storeOnRoot: z.enum(["root", "elsewhere"]).parse(one("store")) === "root",
    nix: z.enum(["present", "absent"]).parse(one("nix")) === "present",
    lacks: many("lacks"),
  };
}
