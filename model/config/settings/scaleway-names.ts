/** Zones of Scaleway's Instances (scaleway-sdk-go, `scw/locality.go`). */
export const scalewayZones = [
  "fr-par-1",
  "fr-par-2",
  "fr-par-3",
  "it-mil-1",
  "nl-ams-1",
  "nl-ams-2",
  "nl-ams-3",
  "pl-waw-1",
  "pl-waw-2",
  "pl-waw-3",
] as const;

/** Regions, which private networks belong to; a zone is one with a number behind it. */
export const scalewayRegions = ["fr-par", "it-mil", "nl-ams", "pl-waw"] as const;
