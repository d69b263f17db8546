import type * as pulumi from "@pulumi/pulumi";
import { outputInternals } from "./pulumi-internals.ts";

/** What an Output holds at this moment of a preview or an update. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false };

/**
 * Asks an Output whether it is known, and waits for it if it will be. The answer carries no dependency: what is created from it
 * orders nothing, so one host's failure or absence never blocks another.
 */
export async function outputValue<T>(output: pulumi.Output<T>): Promise<Known<T>> {
  const internals = outputInternals(output);
  if (!(await internals.isKnown)) return { known: false };
  return { known: true, value: await internals.promise() };
}

/** As `outputValue`, where what failed is one more thing that is not known: it is reported where it failed. */
export async function outputValueOrUnknown<T>(output: pulumi.Output<T>): Promise<Known<T>> {
  try {
    return await outputValue(output);
  } catch {
    return { known: false };
  }
}

/** What an Output holds; undefined where that is not known, or failed. */
export async function valueOrUndefined<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  const answer = await outputValueOrUnknown(output);
  return answer.known ? answer.value : undefined;
}

/** Whether what an Output depends on failed. */
export async function isRejected(output: pulumi.Output<unknown>): Promise<boolean> {
  return outputValue(output).then(
    () => false,
    () => true,
  );
}
