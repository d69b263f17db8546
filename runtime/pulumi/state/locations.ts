import { z } from "zod";
import { parts } from "../../../model/naming/resource-names.ts";
import { resourcesIn } from "./resources.ts";

/** Where what a stack's state knows stands, by resource name: locations at Hetzner, zones at Scaleway. */
export interface RecordedLocations {
  readonly servers: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  /** Names of installs that have run. */
  readonly installs: ReadonlySet<string>;
}

/** The places of servers and addresses in what `pulumi stack export` prints, but for what a replacement is about to remove. */
export function placesIn(exported: string): RecordedLocations {
  const servers = new Map<string, string>();
  const addresses = new Map<string, string>();
  const installs = new Set<string>();
  for (const { name, type, inputs } of resourcesIn(exported)) {
    const place = locationOf(type, inputs);
    if (place?.kind === "server") servers.set(name, place.at);
    if (place?.kind === "address") addresses.set(name, place.at);
    if (name.endsWith(`-${parts.installRun}`)) installs.add(name);
  }
  return { servers, addresses, installs };
}

/** By type of the providers' own resources: what it is, and which input says where it stands. */
const placed = {
  "hcloud:index/server:Server": ["server", "location"],
  "hcloud:index/primaryIp:PrimaryIp": ["address", "location"],
  "scaleway:instance/server:Server": ["server", "zone"],
  "scaleway:instance/ip:Ip": ["address", "zone"],
} as const;

function locationOf(
  type: string,
  inputs: Readonly<Record<string, unknown>>,
): { readonly kind: "server" | "address"; readonly at: string } | undefined {
  if (!isPlaced(type)) return undefined;
  const [kind, input] = placed[type];
  const at = z.string().safeParse(inputs[input]).data;
  return at === undefined ? undefined : { kind, at };
}

function isPlaced(type: string): type is keyof typeof placed {
  return Object.hasOwn(placed, type);
}
