import path from "node:path";
import { type Copy, copyOf, miniatureFlake, repository } from "../miniflake/nix.ts";

export const hostsFolder = path.join(repository, "hosts");

/** Facts of five hosts; the clouds' IPv4 addresses are not known yet. */
export const facts = `{ fleet = {
  managed = true; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
  hosts.web = { provider = "hetzner"; ipv4 = throw "web's ipv4"; ipv6 = "2001:db8:7::1"; };
  hosts.db = { provider = "hetzner"; ipv4 = throw "db's ipv4"; ipv6 = "2001:db8:8::1"; };
  hosts.monitor = { provider = "hetzner"; ipv4 = throw "monitor's ipv4"; ipv6 = "2001:db8:9::1"; };
  hosts.edge = { provider = "scaleway"; ipv4 = throw "edge's ipv4"; };
  hosts.office = { provider = "existing"; ipv4 = "203.0.113.5"; };
}; }`;

/** A copy of the hosts folder, and Nix expressions that read it through evaluate.nix. */
export interface HostsCopy extends Copy {
  /** An attribute of one host, such as `config.time.timeZone` or `failed`; modules on top, in Nix, in place of the facts. */
  host(name: string, read: string, modules?: string): string;
  /** What a disk layout says: `call` is its name and arguments, in Nix. */
  layout(call: string, read?: string, platform?: string): string;
}

export function copyOfHosts(): HostsCopy {
  const copy = copyOf(hostsFolder);
  const expression = (call: string, read: string, platform = "x86_64-linux") =>
    `((import "${repository}/test/integration/hosts/evaluate.nix" {
        flake = ${copy.folder}; lib = import "${miniatureFlake}/lib"; platform = "${platform}";
      }).${call})${read}`;
  return {
    ...copy,
    host: (name, read, modules = `${facts} { fleet.self = "${name}"; }`) =>
      expression(`host "${name}" [ ${modules} ]`, `.${read}`),
    layout: (call, read = "", platform) => expression(`layout ${call}`, read, platform),
  };
}
