import { z } from "zod";
import { parts } from "../../fleet/names.ts";
import { exportStack } from "./export.ts";
import type { StackSelection } from "./outputs.ts";

const exportSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            delete: z.boolean().optional(),
            inputs: z.record(z.string(), z.unknown()).optional(),
          }),
        )
        .optional(),
    })
    .nullable(),
});

/** Where what a stack's state knows stands at Hetzner, by resource name. */
export interface PlacesOnRecord {
  readonly servers: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  /** Names of installs that have run. */
  readonly installs: ReadonlySet<string>;
}

/**
 * Reads the places of servers and addresses from a stack's state.
 * @returns a text that says why the state cannot be read
 */
export async function readPlaces(selection: StackSelection): Promise<PlacesOnRecord | string> {
  const exported = await exportStack(selection);
  return exported.ok ? placesIn(exported.text) : exported.why;
}

/** The places in what `pulumi stack export` prints, but for what a replacement is about to remove. */
export function placesIn(exported: string): PlacesOnRecord {
  const { deployment } = exportSchema.parse(JSON.parse(exported));
  const servers = new Map<string, string>();
  const addresses = new Map<string, string>();
  const installs = new Set<string>();
  for (const { urn, type, inputs = {}, delete: leaving } of deployment?.resources ?? []) {
    if (leaving === true) continue;
    // Names hold no colons: `urn:pulumi:<stack>::<project>::<types>::<name>`.
    const name = urn.split("::").at(-1) ?? "";
    const location = z.string().safeParse(inputs["location"]).data;
    if (type === "hcloud:index/server:Server" && location !== undefined) servers.set(name, location);
    if (type === "hcloud:index/primaryIp:PrimaryIp" && location !== undefined) addresses.set(name, location);
    if (name.endsWith(`-${parts.installRun}`)) installs.add(name);
  }
  return { servers, addresses, installs };
}
