import type { Environment, RawConfiguration } from "../raw-configuration.ts";

/** Where Scaleway's API is and who asks: what the `scaleway` provider uses as well. `secretKey` is a secret. */
export interface ScalewayAccess {
  readonly apiUrl: string;
  readonly secretKey: string;
}

const apiOfScaleway = "https://api.scaleway.com";

/** From the provider's own configuration or environment; undefined without a secret key. */
export function scalewayAccess(raw: RawConfiguration, environment: Environment): ScalewayAccess | undefined {
  const secretKey = raw["scaleway:secretKey"] ?? environment["SCW_SECRET_KEY"] ?? "";
  if (secretKey === "") return undefined;
  const apiUrl = raw["scaleway:apiUrl"] ?? environment["SCW_API_URL"] ?? apiOfScaleway;
  return { secretKey, apiUrl: apiUrl.replace(/\/+$/, "") };
}
