import { z } from "zod";
import { type ConfigError, errorPath, suggestion } from "../../errors/config-error.ts";

/** Name of a secret below `fleet:secrets`. It is not secret itself. */
export const secretName = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/,
    "as the name of a secret, must be 1 to 64 of A-Z, a-z, 0-9, _ and -, and begin and end with a letter or digit",
  );

/** What the redactor of logs can hide: anything shorter would blot out ordinary words. */
const shortest = 6;

/** `fleet:secrets`: values by name, checked here and left out of the result, which is the names. */
export const secretsSchema = z
  .record(
    secretName,
    z
      .string({ error: "must be a text" })
      .min(shortest, `must have ${shortest} characters at least: a shorter value cannot be hidden in logs`),
    {
      // Names that are wrong say so themselves.
      error: ({ code }) =>
        code === "invalid_type"
          ? "must map names to secrets: pulumi config set --secret --path fleet:secrets.<name>"
          : undefined,
    },
  )
  .transform((secrets) => Object.keys(secrets).sort());

/** How a stack's values are kept. */
export interface Secrecy {
  /** Full keys whose value, or a part of it, is encrypted. */
  isSecret(key: string): boolean;
  /** Names below `fleet:secrets` that are in the stack's file as plain text. */
  readonly plain: readonly string[];
  /** Their names are not known either: which secrets there are is not checked. */
  readonly unread?: boolean;
}

/** Key that holds the secrets. */
const secretsKey = "fleet:secrets";

/** A value that anyone may read in the repository is not a secret, whatever it is called. */
export function plainTextErrors(names: readonly string[], secrecy: Secrecy): ConfigError[] {
  // Pulumi reports it for a key as a whole only; one encrypted value among plain ones would pass for all of them.
  const plain = secrecy.isSecret(secretsKey) ? names.filter((name) => secrecy.plain.includes(name)) : names;
  return plain.map((name) => ({
    path: errorPath(secretsKey, [name]),
    reason: `is plain text: take another value, and encrypt it by pulumi config set --secret --path ${secretPath(name)}`,
  }));
}

/** Names that a stack's file (as parsed YAML) gives below `fleet:secrets` without encrypting them. */
export function plainSecrets(stackFile: unknown): string[] {
  const file = stackFileSchema.safeParse(stackFile);
  const secrets = file.data?.config?.[secretsKey] ?? {};
  return Object.entries(secrets)
    .filter(([, value]) => !encrypted.safeParse(value).success)
    .map(([name]) => name);
}

/** As Pulumi writes an encrypted value, alone or within a structure. */
const encrypted = z.strictObject({ secure: z.string().min(1) });
const stackFileSchema = z.looseObject({
  config: z.looseObject({ [secretsKey]: z.record(z.string(), z.unknown()).optional() }).optional(),
});

/** A setting that names a secret. */
export interface SecretReference {
  /** Path of the setting, below `fleet`. */
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

/** Settings that name secrets there are none of. */
export function unknownSecretErrors(
  references: readonly SecretReference[],
  names: readonly string[],
): ConfigError[] {
  return references
    .filter(({ name }) => !names.includes(name))
    .map(({ path, name }) => ({
      path: errorPath("fleet", path),
      reason: `names the secret "${name}", which is not set${suggestion(name, names)}; to set it: pulumi config set --secret --path ${secretPath(name)}`,
    }));
}

function secretPath(name: string): string {
  return `${secretsKey}.${name}`;
}
