import * as pulumi from "@pulumi/pulumi";
import { type FactSettings, isStackOutput, type StackOutput } from "../../model/config/settings/facts.ts";
import { type ConfigError, ConfigurationError, suggestion } from "../../model/errors/config-error.ts";
import { type Fact, type FactValue, factValueSchema } from "../../model/facts/facts.ts";
import { outputValue, outputValueOrUnknown } from "../shared/output-value.ts";

/** Facts that the program gives, by name: Outputs of any resource and plain values, all of which JSON can hold. */
export type ProgramFacts = Readonly<Record<string, unknown>>;

/** Facts of one's own by name. They reject for a secret: the program has to wait for all of them. */
export type CustomFacts = Readonly<Record<string, Promise<Fact>>>;

/**
 * The facts of one's own: those of the configuration, outputs of other stacks read, and those of the program. Other stacks are read
 * before anything else is registered.
 * @throws pulumi.RunError naming every error at once: a stack or an output that does not exist, a secret, a name given twice
 */
export async function customFacts(settings: FactSettings, own: ProgramFacts): Promise<CustomFacts> {
  const stacks = new OtherStacks();
  const read = await Promise.all(
    Object.entries(settings).map(async ([name, value]) => {
      const at = `fleet:facts.${name}`;
      if (Object.hasOwn(own, name)) return [name, error(at, "is given by the program too")] as const;
      return [name, isStackOutput(value) ? await stacks.read(at, value) : { value }] as const;
    }),
  );
  const errors = read.flatMap(([, answer]) => ("error" in answer ? [answer.error] : []));
  if (errors.length > 0) throw new pulumi.RunError(new ConfigurationError(errors).message);
  const found = read.flatMap(([name, answer]) => ("value" in answer ? [[name, answer.value] as const] : []));
  return Object.fromEntries(
    [...found, ...Object.entries(own)].map(([name, value]) => [name, factOf(name, value)] as const),
  );
}

type Answer = { readonly value: FactValue } | { readonly error: ConfigError };

function error(path: string, reason: string): Answer {
  return { error: { path, reason } };
}

/** Other stacks, each of which is read once. */
class OtherStacks {
  readonly #references = new Map<string, pulumi.StackReference>();

  async read(at: string, { stack, output }: StackOutput): Promise<Answer> {
    if (stack === `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`)
      return error(`${at}.stack`, "is this stack itself: its outputs come after its facts");
    const reference = this.#reference(stack);
    const [outputs, secretNames] = await Promise.all([
      outputValueOrUnknown(reference.outputs),
      outputValueOrUnknown(reference.secretOutputNames),
    ]);
    if (!outputs.known || !secretNames.known)
      return error(`${at}.stack`, `"${stack}" cannot be read: see \`pulumi stack ls --all\``);
    const values = new Map(Object.entries<FactValue>(outputs.value));
    const value = values.get(output);
    if (value === undefined) {
      const hint = suggestion(output, [...values.keys()]);
      return error(`${at}.output`, `"${output}" is not an output of stack "${stack}"${hint}`);
    }
    if (secretNames.value.includes(output)) return error(`${at}.output`, `"${output}" ${secretReason}`);
    return { value };
  }

  #reference(stack: string): pulumi.StackReference {
    const reference = this.#references.get(stack) ?? new pulumi.StackReference(stack);
    this.#references.set(stack, reference);
    return reference;
  }
}

const secretReason =
  "is a secret: facts end up in the Nix store, where everybody on the host may read. Give a value that is none";

/**
 * One fact as soon as it is known, or known to be unknown. A secret is refused once its value can be checked: what a preview does not
 * know yet may turn out to be one.
 */
async function factOf(name: string, value: unknown): Promise<Fact> {
  const output: pulumi.Output<unknown> = pulumi.output(value);
  const [secret, answer] = await Promise.all([pulumi.isSecret(output), outputValue(output)]);
  if (secret) throw new pulumi.RunError(`the fact "${name}" ${secretReason}`);
  if (!answer.known) return { known: false, until: `what gives facts.${name} exists` };
  const parsed = factValueSchema.safeParse(answer.value);
  if (!parsed.success) throw new pulumi.RunError(`the fact "${name}" is nothing that JSON can hold`);
  return { known: true, value: parsed.data };
}
