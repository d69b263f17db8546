import { z } from "zod";
import type { ConfigError } from "../../errors/config-error.ts";
import type { Secrecy } from "./secrets.ts";

const factName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    "as the name of a fact, must be 1 to 64 of A-Z, a-z, 0-9, _ and -, and begin with a letter",
  );

/** An output of another stack, by that stack's full name. */
const stackOutputSchema = z.strictObject({
  stack: z
    .string()
    .regex(
      /^[^/\s]+\/[^/\s]+\/[^/\s]+$/,
      "must be <organization>/<project>/<stack>; where the state is a file or a bucket, the organization is `organization`",
    ),
  output: z.string().min(1),
});
export type StackOutput = z.infer<typeof stackOutputSchema>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** `fleet:facts`: facts of one's own by name, given as values or as outputs of other stacks. */
export const factsSchema = z.record(
  factName,
  z.union([scalar, z.array(scalar).readonly(), stackOutputSchema], {
    error: ({ code }) =>
      code === "invalid_union"
        ? "must be a text, a number, true or false, a list of those, or {stack: <organization>/<project>/<stack>, output: <name>}"
        : undefined,
  }),
  {
    // Names that are wrong say so themselves.
    error: ({ code }) => (code === "invalid_type" ? "must map names to values" : undefined),
  },
);
export type FactSettings = z.infer<typeof factsSchema>;

/** Whether a fact is an output of another stack. */
export function isStackOutput(value: FactSettings[string]): value is StackOutput {
  return typeof value === "object" && "stack" in value;
}

/** Every user of a host may read its Nix store, and facts are in it. */
export function encryptedFactErrors({ isSecret, unread }: Secrecy): ConfigError[] {
  if (unread === true || !isSecret("fleet:facts")) return [];
  return [
    {
      path: "fleet:facts",
      reason:
        "is encrypted, in part at least: facts end up in the Nix store, where everybody on the host may read; take the secret out of it",
    },
  ];
}
