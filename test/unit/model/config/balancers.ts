import { parseConfiguration } from "../../../../model/config/parse.ts";
import { ConfigurationError } from "../../../../model/errors/config-error.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";

const credentials = {
  "hcloud:token": "t",
  "scaleway:accessKey": "a",
  "scaleway:secretKey": "s",
  "scaleway:projectId": "p",
};
const networks = {
  internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" },
  vpc: { provider: "scaleway", subnet: "172.16.8.0/22" },
  west: { range: "10.9.0.0/16", zone: "us-west" },
};
const hosts = {
  web: { tags: ["front"], networks: { internal: "10.0.1.2" } },
  "api-{1..2}": { tags: ["api"] },
};
export const tcp = { protocol: "tcp", listen: 443 };

export function read(
  balancers: unknown,
  { more = {}, defaults = {} }: { more?: Record<string, object>; defaults?: object } = {},
) {
  const raw = {
    ...credentials,
    "fleet:hosts": JSON.stringify({ ...hosts, ...more }),
    "fleet:networks": JSON.stringify(networks),
    "fleet:defaults": JSON.stringify(defaults),
    "fleet:loadBalancers": JSON.stringify(balancers),
  };
  return buildInventory(parseConfiguration(raw)).loadBalancers;
}

export function errorsOf(...args: Parameters<typeof read>): string[] {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.errors.map(({ path, reason }) => `${path}: ${reason}`);
    throw error;
  }
  return [];
}

export const lb = (settings: object) => ({ lb: { targets: ["web"], services: [tcp], ...settings } });
export const service = (settings: object) => lb({ services: [{ ...tcp, ...settings }] });
export const inNetwork = (settings: object) =>
  lb({ network: "internal", privateAddress: "10.0.1.10", ...settings });
