import { existingSettings } from "./existing-settings.ts";
import { hetznerSettings } from "./hetzner-settings.ts";

/** Where a host's machine comes from. */
export const providers = ["hetzner", "existing"] as const;
export type Provider = (typeof providers)[number];

/** The settings that belong to one provider each: on another's host they are a fault. */
export const settingsOfProvider = {
  hetzner: hetznerSettings.keyof().options,
  existing: existingSettings.keyof().options,
} as const satisfies Record<Provider, readonly string[]>;

/** Who makes the machine of a host that names nobody. */
export const defaultProvider: Provider = "hetzner";
