import type { z } from "zod";
import { parseJson } from "../../model/json/json.ts";
import { type DiskRecord, diskRecordSchema } from "../../model/protocol/disk-layout.ts";
import { type HostIdentity, identitySchema } from "../../model/protocol/install.ts";
import { describeExit } from "../platform/describe-exit.ts";
import type { Limits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import {
  type ConfirmedRecord,
  confirmedRecordSchema,
  type HistoryEntry,
  historyEntrySchema,
  recordFolder,
} from "./deployment-records.ts";
import { runFolder } from "./lock/host-lock.ts";
import { type LockOwner, parseLockOwner } from "./lock/owner.ts";

/** A document of the host: absent, not ours to read, or what it says. */
export type RemoteDocument<T> =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly text: string }
  | { readonly kind: "read"; readonly value: T };

/** What a host is and runs. Systems are store paths; undefined where the host has no such link. */
export interface HostState {
  readonly bootId: string;
  readonly uptimeSeconds: number;
  readonly booted: string | undefined;
  readonly current: string | undefined;
  /** When the link to the current system was set: ISO 8601, by the host's clock. */
  readonly currentSince: string | undefined;
  readonly profile: string | undefined;
  /** Whether kernel, initrd, modules and kernel parameters of the profile are the booted ones. */
  readonly sameKernel: boolean;
  /** Number of the profile's generation. */
  readonly generation: number | undefined;
  readonly identity: RemoteDocument<HostIdentity>;
  readonly disks: RemoteDocument<DiskRecord>;
  readonly confirmed: RemoteDocument<ConfirmedRecord>;
  /** Seconds since that record was written, by the host's clock; undefined where there is none. */
  readonly confirmedAgeSeconds: number | undefined;
  readonly lastDeployment: RemoteDocument<HistoryEntry>;
  readonly failedUnits: readonly string[];
  readonly lock: { readonly held: boolean; readonly owner: LockOwner | undefined };
}

/** Splits lines of `name value`; undefined when the last line does not say `end <program>`: the text was cut. */
export function readLines(text: string, program: string): [string, string][] | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.at(-1) !== `end ${program}`) return undefined;
  return lines.slice(0, -1).map((line) => {
    const blank = line.indexOf(" ");
    return blank < 0 ? [line, ""] : [line.slice(0, blank), line.slice(blank + 1)];
  });
}

/** Reads what `inspect-host.sh` printed; undefined when it is not whole. */
export function parseHostState(text: string): HostState | undefined {
  const lines = readLines(text, "inspect-host");
  if (lines === undefined) return undefined;
  const values = new Map(lines);
  const generation = values.get("generation");
  const age = values.get("confirmed-age");
  const owner = values.get("owner");
  const bootId = values.get("boot-id");
  const uptime = Number(values.get("uptime"));
  if (bootId === undefined || bootId === "" || !Number.isFinite(uptime)) return undefined;
  return {
    bootId,
    uptimeSeconds: uptime,
    booted: values.get("booted"),
    current: values.get("current"),
    currentSince: isoTime(values.get("current-since")),
    profile: values.get("profile"),
    sameKernel: values.get("same-kernel") === "yes",
    generation: generation !== undefined && /^\d+$/.test(generation) ? Number(generation) : undefined,
    identity: readDocument(values.get("identity"), identitySchema),
    disks: readDocument(values.get("disks"), diskRecordSchema),
    confirmed: readDocument(values.get("confirmed"), confirmedRecordSchema),
    confirmedAgeSeconds: age !== undefined && /^-?\d+$/.test(age) ? Number(age) : undefined,
    lastDeployment: readDocument(values.get("history"), historyEntrySchema),
    failedUnits: lines.filter(([name]) => name === "failed-unit").map(([, unit]) => unit),
    lock: {
      held: values.get("lock") !== "free",
      owner: owner === undefined ? undefined : parseLockOwner(owner),
    },
  };
}

/** Seconds since 1970, as `stat` gives them. */
function isoTime(seconds: string | undefined): string | undefined {
  return seconds !== undefined && /^\d+$/.test(seconds)
    ? new Date(Number(seconds) * 1000).toISOString()
    : undefined;
}

function readDocument<T>(text: string | undefined, schema: z.ZodType<T>): RemoteDocument<T> {
  if (text === undefined) return { kind: "absent" };
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? { kind: "read", value: parsed.data } : { kind: "unreadable", text };
}

/**
 * Inspects a host without changing anything.
 * @throws StepError step "inspection"
 */
export async function inspectHost(session: SshSession, options: Limits): Promise<HostState> {
  const result = await session.script("host/inspect-host", [runFolder, recordFolder], {
    ...options,
    elevate: true,
    quiet: true,
  });
  const state = result.ok ? parseHostState(result.stdout) : undefined;
  if (state !== undefined) return state;
  throw new StepError({
    host: session.target.host,
    step: "inspection",
    seen: describeExit(result, options.timeoutSeconds),
    next: "check that the host works, then run it again",
  });
}
