import type { HostConfig, HostSettings } from "../schema.ts";
import type { hetznerLocations } from "../settings/hetzner-names.ts";
import type { scalewayZones } from "../settings/scaleway-names.ts";

type Location = (typeof hetznerLocations)[number];
type Zone = (typeof scalewayZones)[number];

const builtIn = { location: "nbg1", zone: "fr-par-1" } as const;

/** Where a host's server may be at Hetzner, in order of preference. */
export function allowedLocations(host: HostConfig, defaults: HostSettings): readonly Location[] {
  return (
    preferred(host.locations, host.location, defaults.locations, defaults.location) ?? [builtIn.location]
  );
}

/** Where a host's instance may be at Scaleway, in order of preference. */
export function allowedZones(host: HostConfig, defaults: HostSettings): readonly Zone[] {
  return preferred(host.zones, host.zone, defaults.zones, defaults.zone) ?? [builtIn.zone];
}

/** The first choice of a place. */
export function preferredOf<Place>([first]: readonly Place[]): Place {
  if (first === undefined)
    throw new Error("no location is allowed; the configuration should have been refused");
  return first;
}

/** What the host says comes before what the stack says. */
function preferred<Place>(
  own: readonly Place[] | undefined,
  ownOne: Place | undefined,
  shared: readonly Place[] | undefined,
  sharedOne: Place | undefined,
): readonly Place[] | undefined {
  return own ?? listed(ownOne) ?? shared ?? listed(sharedOne);
}

function listed<Place>(place: Place | undefined): readonly Place[] | undefined {
  return place === undefined ? undefined : [place];
}
