import type { InventoryHost } from "./inventory.ts";

/** Where a host's server stands, by the name that its provider gives to places; null: nobody told us. */
export function locationOf(host: InventoryHost): string | null {
  switch (host.provider) {
    case "hetzner":
      return host.location;
    case "scaleway":
      return host.zone;
    case "existing":
      return null;
  }
}
