/** Locations of Hetzner Cloud (docs.hetzner.com, Cloud, Locations). */
export const hetznerLocations = ["ash", "fsn1", "hel1", "hil", "nbg1", "sin"] as const;

/** Stock images nixos-anywhere's kexec is known to work from. Ubuntu 26.04 is not among them (nixos-anywhere#651). */
export const hetznerImages = ["debian-12", "debian-13", "ubuntu-24.04"] as const;
