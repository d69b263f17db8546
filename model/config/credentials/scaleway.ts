import type { ConfigError } from "../../errors/config-error.ts";
import type { Environment, RawConfiguration } from "../raw-configuration.ts";

const credentials = [
  {
    key: "scaleway:accessKey",
    variable: "SCW_ACCESS_KEY",
    how: "make an API key in the Scaleway console (IAM, API keys), then: pulumi config set --secret scaleway:accessKey",
  },
  {
    key: "scaleway:secretKey",
    variable: "SCW_SECRET_KEY",
    how: "it comes with the access key: pulumi config set --secret scaleway:secretKey",
  },
  {
    key: "scaleway:projectId",
    variable: "SCW_DEFAULT_PROJECT_ID",
    how: "the Scaleway console shows it under Project Dashboard, Settings: pulumi config set scaleway:projectId",
  },
] as const;

/** What the Scaleway provider cannot do without, from its configuration or its environment. */
export function missingScalewayCredentials(raw: RawConfiguration, environment: Environment): ConfigError[] {
  return credentials
    .filter(({ key, variable }) => (raw[key] ?? environment[variable] ?? "") === "")
    .map(({ key, how }) => ({ path: key, reason: `is not set: ${how}` }));
}

/** Where Scaleway's API is and who asks: what the provider uses as well. `secretKey` is a secret. */
export interface ScalewayCredentials {
  readonly endpoint: string;
  readonly secretKey: string;
}

const endpointOfScaleway = "https://api.scaleway.com";

/** From the provider's own configuration or environment; undefined without a key. */
export function scalewayCredentials(
  raw: RawConfiguration,
  environment: Environment,
): ScalewayCredentials | undefined {
  const secretKey = raw["scaleway:secretKey"] ?? environment["SCW_SECRET_KEY"] ?? "";
  if (secretKey === "") return undefined;
  const endpoint = raw["scaleway:apiUrl"] ?? environment["SCW_API_URL"] ?? endpointOfScaleway;
  return { secretKey, endpoint: endpoint.replace(/\/+$/, "") };
}
