/** Locations of Hetzner Cloud (docs.hetzner.com, Cloud, Locations). */
export const hetznerLocations = ["ash", "fsn1", "hel1", "hil", "nbg1", "sin"] as const;

/** Stock images nixos-anywhere's kexec is known to work from. Ubuntu 26.04 is not among them (nixos-anywhere#651). */
export const hetznerImages = ["debian-12", "debian-13", "ubuntu-24.04"] as const;

/** Network zones, which private networks belong to. */
export const hetznerNetworkZones = ["eu-central", "us-east", "us-west", "ap-southeast"] as const;

/** Network zone of each location (docs.hetzner.com, Cloud, Networks, FAQ). */
export const zoneOfLocation = {
  ash: "us-east",
  fsn1: "eu-central",
  hel1: "eu-central",
  hil: "us-west",
  nbg1: "eu-central",
  sin: "ap-southeast",
} as const satisfies Record<(typeof hetznerLocations)[number], (typeof hetznerNetworkZones)[number]>;
