import { writeFileSync } from "node:fs";
import { z } from "zod";

/** What marks a secret in a stack's exported state (sdk/go/common/resource/sig, `Secret`). */
const secretSignature = "4dabf18193072939515e22adb298388d";

const secretSchema = z.object({ [secretSignature]: z.string(), plaintext: z.string() });

const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

/** The part of `pulumi stack export --show-secrets` a program can be made from. */
const checkpointSchema = z.looseObject({ resources: z.array(resourceSchema) });

/** One resource as a program registers it. */
export interface BareResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** URN; null: directly below the stack. */
  readonly parent: string | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that are secret as a whole. */
  readonly secrets: readonly string[];
}

/** The resources of a stack with their inputs as plain values, parents first; without the stack itself and providers. */
export function bareResources(checkpoint: unknown): BareResource[] {
  const { resources } = checkpointSchema.parse(checkpoint);
  return resources
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"))
    .map(({ urn, type, custom, parent, inputs = {} }) => ({
      urn,
      type,
      name: urn.split("::").at(-1) ?? urn,
      custom,
      parent: parent === undefined || parent.includes("::pulumi:pulumi:Stack::") ? null : parent,
      inputs: custom ? plainInputs(inputs) : {},
      secrets: Object.keys(inputs).filter((key) => secretSchema.safeParse(inputs[key]).success),
    }));
}

function plainInputs(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(notOfBridge)
      .map(([key, value]) => [key, plain(value)]),
  );
}

/** Pulumi's bridge keeps a list of what it has filled in itself beside the values. */
function notOfBridge([key]: [string, unknown]): boolean {
  return key !== "__defaults";
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const secret = secretSchema.safeParse(value);
  if (secret.success) return plain(JSON.parse(secret.data.plaintext));
  return plainInputs(Object.fromEntries(Object.entries(value)));
}

/** Writes what `bare-program.mjs` reads. */
export function writeBareResources(file: string, resources: readonly BareResource[]): void {
  writeFileSync(file, JSON.stringify(resources), { mode: 0o600 });
}
