import { type ConfigError, ConfigurationError, errorPath } from "../errors/config-error.ts";
import { fromZodError } from "../errors/from-zod-error.ts";
import { reasonOf } from "../errors/zod-messages.ts";
import { missingScalewayCredentials } from "./credentials/scaleway.ts";
import { expandHosts } from "./hosts/expand-hosts.ts";
import { hostNameErrors } from "./hosts/host-pattern.ts";
import { knownSettings } from "./known-settings.ts";
import {
  readableBalancers,
  readableHosts,
  readableNetworks,
  readableStack,
  readableTags,
  recordOf,
} from "./partial-parse.ts";
import type { Provider } from "./providers.ts";
import type { Environment, RawConfiguration } from "./raw-configuration.ts";
import { configurationSchema, type FleetConfiguration, type HostConfig } from "./schema.ts";
import { encryptedFactErrors } from "./settings/facts.ts";
import { plainTextErrors, type Secrecy, unknownSecretErrors } from "./settings/secrets.ts";
import { providerOf, type StackSettings } from "./stack-settings.ts";
import { cloudErrors } from "./validate/cloud.ts";
import { validateCrossFields } from "./validate/cross-field.ts";
import { balancerErrors } from "./validate/load-balancer.ts";
import { networkErrors } from "./validate/network.ts";
import { rolloutErrors } from "./validate/rollout.ts";
import { secretReferences } from "./validate/secret-references.ts";

/** Namespace of our keys in a stack's configuration. */
const namespace = "fleet";

const nothingSecret: Secrecy = { isSecret: () => false, plain: [] };

/**
 * Reads the `fleet:` namespace of a stack. The values of its secrets are checked and left out of the answer.
 * @param secrecy how the values are kept; by default all of them count as plain text
 * @throws ConfigurationError with every error at once
 */
export function parseConfiguration(
  raw: RawConfiguration,
  environment: Environment = {},
  secrecy: Secrecy = nothingSecret,
): FleetConfiguration {
  const values = Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => key.startsWith(`${namespace}:`))
      .map(([key, text]) => [key.slice(namespace.length + 1), parseValue(text)]),
  );
  const parsed = configurationSchema.safeParse(values, { error: reasonOf });
  const secrets = Object.keys(recordOf(values["secrets"]));
  const errors = parsed.success
    ? []
    : fromZodError(parsed.error, namespace, (path) => knownSettings(`${namespace}:`, path)).map(withColon);
  const hosts = recordOf(values["hosts"]);
  const stack = readableStack(values);
  const entries = readableHosts(hosts);
  const wrong = new Set(errors.map(({ path }) => path));
  const misnamed = Object.entries(entries).flatMap(([key, { count }]) =>
    hostNameErrors(errorPath(`${namespace}:hosts`, [key]), key, count),
  );
  errors.push(...misnamed);
  const expanded = expandHosts(entries, readableTags(values["tags"]), stack.defaults);
  const references = secrecy.unread === true ? [] : secretReferences(expanded.hosts, stack);
  const networks = readableNetworks(values["networks"]);
  const related = [
    ...validateCrossFields(expanded.hosts, stack),
    ...cloudErrors(expanded.hosts, stack),
    ...networkErrors(expanded.hosts, networks, stack),
    ...unknownSecretErrors(references, secrets).map(withColon),
  ];
  // A setting that is wrong by itself is not missing as well.
  const further = [
    ...expanded.errors,
    ...expanded.locate(related),
    ...plainTextErrors(secrets, secrecy),
    ...(values["facts"] === undefined ? [] : encryptedFactErrors(secrecy)),
  ];
  errors.push(...further.filter(({ path }) => !wrong.has(path)));
  const names = Object.entries(expanded.hosts).map(([name, { tags }]) => ({ name, tags }));
  errors.push(...rolloutErrors(values["rollout"], names));
  const around = { hosts: expanded.hosts, networks, stack };
  errors.push(...balancerErrors(readableBalancers(values["loadBalancers"]), around));
  if (needs("hetzner", expanded.hosts, stack)) errors.push(...missingToken(raw, environment));
  if (needs("scaleway", expanded.hosts, stack)) errors.push(...missingScalewayCredentials(raw, environment));
  if (!parsed.success || errors.length > 0) throw new ConfigurationError(sortErrors(errors));
  return { ...parsed.data, hosts: { ...expanded.hosts } };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `fleet.hosts.web` → `fleet:hosts.web`, as people write it. */
function withColon(error: ConfigError): ConfigError {
  return { ...error, path: error.path.replace(`${namespace}.`, `${namespace}:`) };
}

/** Paths that name the same place fall together, whatever order they were found in. */
function sortErrors(errors: readonly ConfigError[]): ConfigError[] {
  return [...errors].sort(
    (a, b) => a.path.localeCompare(b.path, "en") || a.reason.localeCompare(b.reason, "en"),
  );
}

function needs(
  provider: Provider,
  hosts: Readonly<Record<string, HostConfig>>,
  stack: StackSettings,
): boolean {
  return Object.values(hosts).some((host) => providerOf(host, stack) === provider);
}

function missingToken(raw: RawConfiguration, environment: Environment): ConfigError[] {
  const token = raw["hcloud:token"] ?? environment["HCLOUD_TOKEN"] ?? "";
  if (token !== "") return [];
  return [
    {
      path: "hcloud:token",
      reason:
        "is not set: make a read/write token in the Hetzner console (Security, API tokens), then: pulumi config set --secret hcloud:token",
    },
  ];
}
