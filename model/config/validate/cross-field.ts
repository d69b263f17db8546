import type { Fault } from "../../errors/config-error.ts";
import { isForeign, ownersOf, type Provider, providers, settingsOfProvider } from "../providers.ts";
import type { HostConfig, HostSettings } from "../schema.ts";
import { buildFaults } from "../settings/build.ts";
import { providerOf, type StackSettings } from "../stack-settings.ts";
import { adoptedSettings, adoptFaults, sameServerFaults } from "./adopted-server.ts";
import { elevationFaults } from "./elevation.ts";
import { existingFaults, sameMachineFaults } from "./existing-machine.ts";
import { firewallFaults } from "./firewall.ts";
import { healthFaults } from "./health.ts";
import { infectFaults } from "./infect.ts";
import { jumpFaults } from "./jump.ts";

type Hosts = Readonly<Record<string, HostConfig>>;

/** Faults between several settings or several hosts, each of which is right by itself. */
export function relationFaults(hosts: Hosts, stack: StackSettings): Fault[] {
  const ofHosts = Object.entries(hosts).flatMap(([name, host]) => faultsOfHost(name, host, stack));
  return [
    ...ofHosts,
    ...duplicateNames(hosts),
    ...sameMachineFaults(hosts, stack.ssh),
    ...sameServerFaults(hosts),
    ...buildFaults(hosts, stack.defaults.build),
    ...jumpFaults({ hosts, ssh: stack.ssh }, stack.defaults.build),
  ];
}

/** Faults between the settings of one host. */
function faultsOfHost(name: string, host: HostConfig, stack: StackSettings): Fault[] {
  const path = `fleet:hosts.${name}`;
  const faults = [
    ...infectFaults(path, host),
    ...foreignSettings(path, host, stack),
    ...elevationFaults(path, host, stack),
    ...formerlyFaults(path, host, providerOf(host, stack)),
    ...firewallFaults(path, host, stack.defaults, providerOf(host, stack)),
    ...healthFaults(path, host, stack.defaults),
  ];
  switch (providerOf(host, stack)) {
    case "hetzner":
      faults.push(
        ...(host.adopt === undefined
          ? cloudFaults(path, host, stack.defaults, "Hetzner")
          : adoptFaults(path, host, stack.ssh.port)),
      );
      break;
    case "scaleway":
      faults.push(...cloudFaults(path, host, stack.defaults, "Scaleway"), ...scalewayFaults(path, host));
      break;
    case "existing":
      faults.push(...existingFaults(path, host, stack.ssh.port));
      if (host.adopt !== undefined)
        faults.push({
          path: `${path}.adopt`,
          reason:
            'is for provider "hetzner": an existing machine is there already, and nothing is made of it',
        });
      break;
  }
  if (host.wipe !== undefined && host.wipe !== name)
    faults.push({
      path: `${path}.wipe`,
      reason: `must repeat the host's own name, "${name}", to allow the loss of all its data`,
    });
  if (host.system !== undefined && host.flake !== undefined)
    faults.push({
      path: `${path}.system`,
      reason: "cannot stand beside flake: give one of the two",
    });
  return faults;
}

/** A place that the configuration does not name cannot have been another one. */
function formerlyFaults(path: string, { ssh, address }: HostConfig, provider: Provider): Fault[] {
  const formerly = ssh?.formerly;
  if (formerly?.address === undefined) return [];
  const at = `${path}.ssh.formerly.address`;
  if (provider !== "existing")
    return [
      { path: at, reason: "is for existing machines: the address of a server in a cloud comes from there" },
    ];
  if (formerly.address === address)
    return [{ path: at, reason: "is the address it has now: name the one before, or leave it out" }];
  return [];
}

/** Faults between the settings of a server that is made for the host. */
function cloudFaults(path: string, host: HostConfig, defaults: HostSettings, cloud: string): Fault[] {
  const faults: Fault[] = [];
  if (!(host.ipv4 ?? defaults.ipv4 ?? true) && !(host.ipv6 ?? defaults.ipv6 ?? true))
    faults.push({
      path: `${path}.ipv6`,
      reason: "must be on when ipv4 is off: no address would be left",
    });
  if (host.bootstrap === "none")
    faults.push({
      path: `${path}.bootstrap`,
      reason: `cannot be "none" at ${cloud}: a server starts from a stock image, on which no NixOS runs`,
    });
  return faults;
}

/** What only Hetzner's servers can. */
function scalewayFaults(path: string, host: HostConfig): Fault[] {
  const faults: Fault[] = [];
  if (host.bootstrap === "rescue")
    faults.push({
      path: `${path}.bootstrap`,
      reason: 'cannot be "rescue" at Scaleway: only Hetzner Cloud\'s rescue system is within reach',
    });
  if (host.adopt !== undefined)
    faults.push({
      path: `${path}.adopt`,
      reason: 'is for provider "hetzner"; take an instance over as provider "existing", by its address',
    });
  return faults;
}

/** Settings that the host's provider does not have, but another does: they would do nothing there. */
function foreignSettings(path: string, host: HostConfig, stack: StackSettings): Fault[] {
  const own = providerOf(host, stack);
  return [...new Set(providers.flatMap((provider) => [...settingsOfProvider[provider]]))]
    .filter((setting) => host[setting] !== undefined && isForeign(setting, own))
    .filter((setting) => host.adopt === undefined || !adoptedSettings.some((taken) => taken === setting))
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
function duplicateNames(hosts: Hosts): Fault[] {
  const owners = new Map<string, string>(Object.keys(hosts).map((name) => [name, name]));
  return Object.entries(hosts).flatMap(([name, host]) =>
    host.formerly.flatMap((old, index): Fault[] => {
      const owner = owners.get(old);
      if (owner === undefined) {
        owners.set(old, name);
        return [];
      }
      const reason =
        owner === name
          ? "is named twice"
          : `is the name of host "${owner}" too: every name belongs to one host`;
      return [{ path: `fleet:hosts.${name}.formerly[${index}]`, reason }];
    }),
  );
}
