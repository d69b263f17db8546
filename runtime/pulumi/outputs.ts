import { z } from "zod";
import { nearMiss } from "../../model/errors/config-error.ts";
import { type DeployedFacts, deployedFactsSchema } from "../../model/facts/facts-file.ts";
import { formatHosts } from "../../model/naming/format-hosts.ts";
import {
  type Connection,
  elevationTools,
  endpointSchema,
  jumpHopSchema,
  publicKeySchema,
} from "../../model/protocol/connection.ts";
import {
  type DeploymentSettings,
  type DeploySpec,
  deployDeadlinesSchema,
  deploymentSettingsSchema,
} from "../../model/protocol/deploy.ts";
import { run } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshTarget } from "../ssh/target.ts";

const hopOutputSchema = jumpHopSchema.omit({ privateKey: true }).extend({ key: z.string().nullable() });

const hostOutputSchema = z.object({
  provider: z.string(),
  id: z.string(),
  ipv4: z.string().nullable(),
  ipv6: z.string().nullable(),
  address: z.string(),
  user: z.string(),
  port: z.number().int(),
  elevate: z.enum(["none", ...elevationTools]),
  elevatePassword: z.string().nullable(),
  jump: z.array(hopOutputSchema),
  previousEndpoint: endpointSchema.nullable(),
  allowUnreachable: z.boolean(),
  system: z.string(),
  ageRecipient: z.string(),
  hostPublicKey: publicKeySchema,
  ssh: z.string(),
  tags: z.array(z.string()),
  wave: z.string().nullable(),
});

/** Value in the state of an output that is not known (@pulumi/pulumi, runtime/rpc: `unknownValue`). */
const unknown = z.literal("04da6b54-80e4-46f7-96ec-b56ff0331ba9");

const stackOutputsSchema = z.object({
  hosts: z.record(z.string(), z.union([hostOutputSchema, unknown])),
  credentials: z.object({
    privateKey: z.string(),
    secrets: z.record(z.string(), z.string()),
    deployments: z.record(z.string(), deploymentSettingsSchema),
    deadlines: deployDeadlinesSchema,
  }),
  /** Absent in stacks that were last updated before there was any. */
  facts: z.union([deployedFactsSchema, unknown]).optional(),
});

/** What index.ts exports, as `pulumi stack output --json --show-secrets` prints it. Holds the deploy key. */
export interface StackOutputs {
  readonly hosts: Readonly<Record<string, z.infer<typeof hostOutputSchema>>>;
  /** Hosts of which the last update, made with `--continue-on-error`, did not make what there is to know. */
  readonly unfinished: readonly string[];
  readonly credentials: z.infer<typeof stackOutputsSchema>["credentials"];
  readonly facts?: DeployedFacts;
}

/** Which stack, of which project folder. */
export interface StackSelection {
  readonly projectRoot: string;
  /** Name as `pulumi --stack` takes it; undefined: the selected one. */
  readonly stack?: string;
  /** Environment of `pulumi`, with the passphrase or login it needs; default: ours. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const readSeconds = 60;

/**
 * Reads a stack's outputs through the Pulumi CLI, whatever backend holds its state.
 * @throws StepError step "reading the stack"
 */
export async function readStackOutputs(selection: StackSelection): Promise<StackOutputs> {
  const stackArguments = selection.stack === undefined ? [] : ["--stack", selection.stack];
  const result = await run(
    "pulumi",
    ["stack", "output", "--json", "--show-secrets", "--non-interactive", ...stackArguments],
    // Pulumi itself needs its passphrase and tokens.
    { cwd: selection.projectRoot, env: selection.environment ?? process.env, timeoutSeconds: readSeconds },
  );
  if (!result.ok) throw stackError(result.timedOut ? `no answer in ${readSeconds} s` : result.stderr);
  return parseStackOutputs(JSON.parse(result.stdout));
}

/** @throws StepError for outputs that are not ours @internal */
export function parseStackOutputs(printed: unknown): StackOutputs {
  const outputs = stackOutputsSchema.safeParse(printed);
  if (!outputs.success)
    throw stackError("the stack has no hosts yet, or was written by another program", "pulumi up");
  const { hosts, credentials, facts } = outputs.data;
  const entries = Object.entries(hosts).map(([name, host]) => ({ name, host }));
  return {
    hosts: Object.fromEntries(
      entries.flatMap(({ name, host }) => (typeof host === "string" ? [] : [[name, host] as const])),
    ),
    unfinished: entries.filter(({ host }) => typeof host === "string").map(({ name }) => name),
    credentials,
    ...(facts === undefined || typeof facts === "string" ? {} : { facts }),
  };
}

/** What to say of hosts that the last update did not finish; empty where there are none. */
export function unfinishedLines({ unfinished }: Pick<StackOutputs, "unfinished">): string[] {
  return unfinished.length === 0 ? [] : [`${formatHosts(unfinished)}: ${unfinishedSeen}: run pulumi up`];
}

const unfinishedSeen = "not finished by the last update";

function stackError(
  seen: string,
  next = "check `pulumi stack ls` and the passphrase or login it needs",
): StepError {
  return new StepError({ step: "reading the stack", seen, next });
}

/**
 * How to reach one host of a stack.
 * @throws StepError naming the hosts there are
 */
export function sshTarget(outputs: StackOutputs, host: string): SshTarget {
  const found = outputs.hosts[host];
  if (outputs.unfinished.includes(host))
    throw new StepError({
      host,
      step: "looking up the host",
      seen: unfinishedSeen,
      next: "run pulumi up: it says why",
    });
  if (found === undefined) {
    const names = Object.keys(outputs.hosts);
    const near = nearMiss(host, names);
    throw new StepError({
      host,
      step: "looking up the host",
      seen: `the stack has no such host${near === undefined ? "" : `; did you mean "${near}"?`}`,
      next: `name one of ${formatHosts(names)}`,
    });
  }
  const { address, user, port } = found;
  const jump = found.jump.map(({ key, ...hop }) => ({
    ...hop,
    privateKey: key === null ? null : secretOf(outputs, host, key),
  }));
  const password = found.elevatePassword === null ? null : secretOf(outputs, host, found.elevatePassword);
  const connection: Connection = {
    address,
    port,
    user,
    privateKey: outputs.credentials.privateKey,
    ...(jump.length === 0 ? {} : { jump }),
    ...(found.previousEndpoint === null ? {} : { previous: found.previousEndpoint }),
    ...(found.elevate === "none" ? {} : { elevation: { tool: found.elevate, password } }),
  };
  return { host, connection, hostKeys: [found.hostPublicKey] };
}

/** A host, and how its deployments and reboots were configured when the stack was last updated. */
export interface ConfiguredTarget extends SshTarget {
  readonly settings: DeploymentSettings;
  /** Seconds each step may take. */
  readonly deadlines: DeploySpec["deadlines"];
}

/**
 * How to reach one host of a stack, and how to change it.
 * @throws StepError naming the hosts there are
 */
export function configuredTarget(outputs: StackOutputs, host: string): ConfiguredTarget {
  const target = sshTarget(outputs, host);
  const { deployments, deadlines } = outputs.credentials;
  const settings = deployments[host];
  if (settings === undefined)
    throw new StepError({
      host,
      step: "looking up the host",
      seen: "the stack's outputs do not say how the host is deployed",
      next: "pulumi up",
    });
  return { ...target, settings, deadlines };
}

/**
 * The facts as the last update left them.
 * @throws StepError where it was run by a version that did not keep them
 */
export function factsOf({ facts }: StackOutputs): DeployedFacts {
  if (facts !== undefined) return facts;
  throw stackError(
    "its outputs hold no facts: the last update did not finish, or it ran an earlier version",
    "pulumi up",
  );
}

function secretOf({ credentials }: StackOutputs, host: string, name: string): string {
  const value = credentials.secrets[name];
  if (value !== undefined) return value;
  throw new StepError({
    host,
    step: "looking up the host",
    seen: `the stack's outputs hold no secret "${name}", which is needed there`,
    next: "pulumi up",
  });
}
