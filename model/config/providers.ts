import { cloudHostSettings } from "./settings/cloud-host.ts";
import { existingSettings } from "./settings/existing-machine.ts";
import { hetznerSettings } from "./settings/hetzner.ts";
import { scalewaySettings } from "./settings/scaleway.ts";

/** Where a host's machine comes from. */
export const providers = ["hetzner", "scaleway", "existing"] as const;
export type Provider = (typeof providers)[number];

/** The settings of each provider: on a host of one that has no such setting they are an error. */
export const settingsOfProvider = {
  hetzner: [...hetznerSettings.keyof().options, ...cloudHostSettings.keyof().options],
  scaleway: [...scalewaySettings.keyof().options, ...cloudHostSettings.keyof().options],
  existing: existingSettings.keyof().options,
} as const satisfies Record<Provider, readonly string[]>;

/** Provider of a host that names none. */
export const defaultProvider: Provider = "hetzner";

/** The providers that have a setting, which all hosts have if there is none. */
export function ownersOf(setting: string): Provider[] {
  return providers.filter((provider) => settingsOfProvider[provider].some((name) => name === setting));
}

/** True for a setting that belongs to providers, and not to this one. */
export function isOtherProviders(setting: string, provider: Provider): boolean {
  const owners = ownersOf(setting);
  return owners.length > 0 && !owners.includes(provider);
}
