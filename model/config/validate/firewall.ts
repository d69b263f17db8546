import type { ConfigError } from "../../errors/config-error.ts";
import type { Provider } from "../providers.ts";
import type { HostConfig, HostSettings } from "../schema.ts";

/** What `firewall.fromNixos` does not go with. `path`: of the host. */
export function firewallErrors(
  path: string,
  host: HostConfig,
  defaults: HostSettings,
  provider: Provider,
): ConfigError[] {
  const firewall = host.firewall ?? defaults.firewall;
  if (firewall === undefined || provider === "existing" || host.importServer !== undefined) return [];
  const at = `${path}.firewall`;
  if (firewall.fromNixos !== true) {
    if (firewall.publicInterface === undefined) return [];
    const reason = "is for fromNixos: true, which opens what the host's configuration opens";
    return [{ path: `${at}.publicInterface`, reason }];
  }
  const errors: ConfigError[] = [];
  const add = (reason: string) => errors.push({ path: `${at}.fromNixos`, reason });
  if (provider !== "hetzner")
    add('is for provider "hetzner": name the ports of this host in firewall.tcp and firewall.udp');
  if (host.system !== undefined)
    add("needs a flake: a ready-made system does not say which ports it opens. Name them in firewall.tcp");
  return errors;
}
