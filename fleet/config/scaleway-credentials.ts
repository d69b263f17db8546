import type { Fault } from "./fault.ts";
import type { Environment, RawConfiguration } from "./parse.ts";

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
export function missingScalewayCredentials(raw: RawConfiguration, environment: Environment): Fault[] {
  return credentials
    .filter(({ key, variable }) => (raw[key] ?? environment[variable] ?? "") === "")
    .map(({ key, how }) => ({ path: key, reason: `is not set: ${how}` }));
}
