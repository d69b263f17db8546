import { z } from "zod";
import { parseConfiguration } from "../../model/config/parse.ts";
import { ConfigurationError } from "../../model/errors/config-error.ts";
import { buildInventory, type Inventory } from "../../model/inventory/inventory.ts";
import { run } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import type { StackSelection } from "./outputs.ts";

const readSeconds = 60;

/** What `pulumi config --json` prints: secrets without a value. */
const printedSchema = z.record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean() }));

/** Placeholder for values that are not decrypted: that they are set is all that matters. */
const unread = "[secret]";

/**
 * The hosts as the stack's file has them, whether they have been created or not. Decrypts nothing, and so needs no passphrase.
 * @throws StepError step "reading the configuration": all errors that can be found without secrets and without a flake
 */
export async function readConfiguredInventory(selection: StackSelection): Promise<Inventory> {
  const stack = selection.stack === undefined ? [] : ["--stack", selection.stack];
  const environment = selection.environment ?? process.env;
  const result = await run("pulumi", ["config", "--json", "--non-interactive", ...stack], {
    cwd: selection.projectRoot,
    // Pulumi itself needs its login.
    env: environment,
    timeoutSeconds: readSeconds,
  });
  if (!result.ok)
    throw configurationError(
      result.timedOut ? `no answer in ${readSeconds} s` : result.stderr.trim(),
      "check `pulumi stack ls`, and `pulumi config`",
    );
  const printed = Object.entries(printedSchema.parse(JSON.parse(result.stdout)));
  const raw = printed.flatMap(([key, { value, secret }]) => {
    if (!secret) return value === undefined ? [] : [[key, value] as const];
    // Names below fleet:secrets are encrypted together with their values.
    return key.startsWith("fleet:") ? [] : [[key, unread] as const];
  });
  const secrecy = { isSecret: () => true, plain: [], unread: true };
  try {
    return buildInventory(parseConfiguration(Object.fromEntries(raw), environment, secrecy));
  } catch (error) {
    if (error instanceof ConfigurationError)
      throw configurationError(error.message, "correct the stack's file; `pulumi preview` checks all of it");
    throw error;
  }
}

function configurationError(seen: string, next: string): StepError {
  return new StepError({ step: "reading the configuration", seen, next });
}
