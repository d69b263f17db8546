import type { Environment, RawConfiguration } from "../raw-configuration.ts";

/** Where Hetzner's API is and who asks: what the `hcloud` provider uses as well. `token` is a secret. */
export interface HetznerCredentials {
  readonly endpoint: string;
  readonly token: string;
}

const endpointOfHetzner = "https://api.hetzner.cloud/v1";

/** From the provider's own configuration or environment; undefined without a token. */
export function hetznerCredentials(
  raw: RawConfiguration,
  environment: Environment,
): HetznerCredentials | undefined {
  const token = raw["hcloud:token"] ?? environment["HCLOUD_TOKEN"] ?? "";
  if (token === "") return undefined;
  const endpoint = raw["hcloud:endpoint"] ?? environment["HCLOUD_ENDPOINT"] ?? endpointOfHetzner;
  return { token, endpoint: endpoint.replace(/\/+$/, "") };
}
