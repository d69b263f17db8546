import type { ConfigError } from "../../errors/config-error.ts";
import { isOtherProviders, ownersOf, type Provider, providers, settingsOfProvider } from "../providers.ts";
import type { HostConfig, HostSettings } from "../schema.ts";
import { buildErrors } from "../settings/build.ts";
import { providerOf, type StackSettings } from "../stack-settings.ts";
import { elevationErrors } from "./elevation.ts";
import { existingErrors, sameMachineErrors } from "./existing-machine.ts";
import { firewallErrors } from "./firewall.ts";
import { healthErrors } from "./health.ts";
import { importedServerSettings, importServerErrors, sameServerErrors } from "./imported-server.ts";
import { validateInfect } from "./infect.ts";
import { jumpErrors } from "./jump.ts";

type Hosts = Readonly<Record<string, HostConfig>>;

/** Errors between several settings or several hosts, each of which is right by itself. */
export function validateCrossFields(hosts: Hosts, stack: StackSettings): ConfigError[] {
  const ofHosts = Object.entries(hosts).flatMap(([name, host]) => errorsOfHost(name, host, stack));
  return [
    ...ofHosts,
    ...duplicateNames(hosts),
    ...sameMachineErrors(hosts, stack.ssh),
    ...sameServerErrors(hosts),
    ...buildErrors(hosts, stack.defaults.build),
    ...jumpErrors({ hosts, ssh: stack.ssh }, stack.defaults.build),
  ];
}

/** Errors between the settings of one host. */
function errorsOfHost(name: string, host: HostConfig, stack: StackSettings): ConfigError[] {
  const path = `fleet:hosts.${name}`;
  const errors = [
    ...validateInfect(path, host),
    ...validateProviderSettings(path, host, stack),
    ...elevationErrors(path, host, stack),
    ...previousEndpointErrors(path, host, providerOf(host, stack)),
    ...firewallErrors(path, host, stack.defaults, providerOf(host, stack)),
    ...healthErrors(path, host, stack.defaults),
  ];
  switch (providerOf(host, stack)) {
    case "hetzner":
      errors.push(
        ...(host.importServer === undefined
          ? cloudErrors(path, host, stack.defaults, "Hetzner")
          : importServerErrors(path, host, stack.ssh.port)),
      );
      break;
    case "scaleway":
      errors.push(...cloudErrors(path, host, stack.defaults, "Scaleway"), ...scalewayErrors(path, host));
      break;
    case "existing":
      errors.push(...existingErrors(path, host, stack.ssh.port));
      if (host.importServer !== undefined)
        errors.push({
          path: `${path}.importServer`,
          reason: 'is for provider "hetzner": an existing machine already exists, and no server is created',
        });
      break;
  }
  if (host.wipe !== undefined && host.wipe !== name)
    errors.push({
      path: `${path}.wipe`,
      reason: `must repeat the host's own name, "${name}", to allow the loss of all its data`,
    });
  if (host.system !== undefined && host.flake !== undefined)
    errors.push({
      path: `${path}.system`,
      reason: "cannot be combined with `flake`: set only one of them",
    });
  return errors;
}

/** A place that the configuration does not name cannot have been another one. */
function previousEndpointErrors(
  path: string,
  { ssh, address }: HostConfig,
  provider: Provider,
): ConfigError[] {
  const previous = ssh?.previous;
  if (previous?.address === undefined) return [];
  const at = `${path}.ssh.previous.address`;
  if (provider !== "existing")
    return [
      { path: at, reason: "is for existing machines: the address of a server in a cloud comes from there" },
    ];
  if (previous.address === address)
    return [{ path: at, reason: "is the address it has now: name the one before, or leave it out" }];
  return [];
}

/** Errors between the settings of a server that is created for the host. */
function cloudErrors(path: string, host: HostConfig, defaults: HostSettings, cloud: string): ConfigError[] {
  const errors: ConfigError[] = [];
  if (!(host.ipv4 ?? defaults.ipv4 ?? true) && !(host.ipv6 ?? defaults.ipv6 ?? true))
    errors.push({
      path: `${path}.ipv6`,
      reason: "must be on when ipv4 is off: no address would be left",
    });
  if (host.bootstrap === "none")
    errors.push({
      path: `${path}.bootstrap`,
      reason: `cannot be "none" at ${cloud}: a server starts from a stock image, on which no NixOS runs`,
    });
  return errors;
}

/** What only Hetzner's servers can. */
function scalewayErrors(path: string, host: HostConfig): ConfigError[] {
  const errors: ConfigError[] = [];
  if (host.bootstrap === "rescue")
    errors.push({
      path: `${path}.bootstrap`,
      reason: 'cannot be "rescue" at Scaleway: only Hetzner Cloud\'s rescue system is within reach',
    });
  if (host.importServer !== undefined)
    errors.push({
      path: `${path}.importServer`,
      reason: 'is for provider "hetzner"; take an instance over as provider "existing", by its address',
    });
  return errors;
}

/** Settings that the host's provider does not have, but another does: they would do nothing there. */
function validateProviderSettings(path: string, host: HostConfig, stack: StackSettings): ConfigError[] {
  const own = providerOf(host, stack);
  return [...new Set(providers.flatMap((provider) => [...settingsOfProvider[provider]]))]
    .filter((setting) => host[setting] !== undefined && isOtherProviders(setting, own))
    .filter(
      (setting) =>
        host.importServer === undefined || !importedServerSettings.some((taken) => taken === setting),
    )
    .map((setting) => ({
      path: `${path}.${setting}`,
      reason: `is a setting of ${ownersText(setting)}, and this host's provider is "${own}"`,
    }));
}

/** `provider "hetzner"`, `providers "hetzner" and "scaleway"` */
function ownersText(setting: string): string {
  const owners = ownersOf(setting).map((owner) => `"${owner}"`);
  return owners.length === 1 ? `provider ${owners[0]}` : `providers ${owners.join(" and ")}`;
}

/** A name may belong to one host only, present or former. */
function duplicateNames(hosts: Hosts): ConfigError[] {
  const owners = new Map<string, string>(Object.keys(hosts).map((name) => [name, name]));
  return Object.entries(hosts).flatMap(([name, host]) =>
    host.aliases.flatMap((old, index): ConfigError[] => {
      const owner = owners.get(old);
      if (owner === undefined) {
        owners.set(old, name);
        return [];
      }
      const reason =
        owner === name
          ? "is named twice"
          : `is the name of host "${owner}" too: every name belongs to one host`;
      return [{ path: `fleet:hosts.${name}.aliases[${index}]`, reason }];
    }),
  );
}
