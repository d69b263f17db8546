import type { z } from "zod";
import { adoptedSettings, adoptFaults, sameServerFaults } from "./adopt-faults.ts";
import { buildFaults } from "./build-settings.ts";
import { elevationFaults } from "./elevation-faults.ts";
import { existingFaults, sameMachineFaults } from "./existing-faults.ts";
import type { Fault } from "./fault.ts";
import { infectFaults } from "./infect-faults.ts";
import { jumpFaults } from "./jump-faults.ts";
import { defaultProvider, type Provider, providers, settingsOfProvider } from "./providers.ts";
import type { HostConfig, HostSettings, sshSchema } from "./schema.ts";

type Hosts = Readonly<Record<string, HostConfig>>;

/** What the stack says for all its hosts. */
export interface StackSettings {
  readonly defaults: HostSettings;
  readonly ssh: z.infer<typeof sshSchema>;
}

/** Where a host's machine comes from: the host's word, the stack's, or ours. */
export function providerOf(host: HostConfig, { defaults }: StackSettings): Provider {
  return host.provider ?? defaults.provider ?? defaultProvider;
}

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
  ];
  switch (providerOf(host, stack)) {
    case "hetzner":
      faults.push(
        ...(host.adopt === undefined
          ? hetznerFaults(path, host, stack.defaults)
          : adoptFaults(path, host, stack.ssh.port)),
      );
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

function hetznerFaults(path: string, host: HostConfig, defaults: HostSettings): Fault[] {
  const faults: Fault[] = [];
  if (!(host.ipv4 ?? defaults.ipv4 ?? true) && !(host.ipv6 ?? defaults.ipv6 ?? true))
    faults.push({
      path: `${path}.ipv6`,
      reason: "must be on when ipv4 is off: no address would be left",
    });
  if (host.bootstrap === "none")
    faults.push({
      path: `${path}.bootstrap`,
      reason: 'cannot be "none" at Hetzner: a server starts from a stock image, on which no NixOS runs',
    });
  return faults;
}

/** Settings of one provider on another's host: they would do nothing there. */
function foreignSettings(path: string, host: HostConfig, stack: StackSettings): Fault[] {
  const own = providerOf(host, stack);
  return providers
    .filter((provider) => provider !== own)
    .flatMap((provider) =>
      settingsOfProvider[provider]
        .filter((setting) => host[setting] !== undefined)
        .filter((setting) => host.adopt === undefined || !adoptedSettings.some((taken) => taken === setting))
        .map((setting) => ({
          path: `${path}.${setting}`,
          reason: `is a setting of provider "${provider}", and this host's provider is "${own}"`,
        })),
    );
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
