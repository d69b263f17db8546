import type * as pulumi from "@pulumi/pulumi";

/** What an Output holds at this moment of a preview or an update. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false };

/** The two members every Output of @pulumi/pulumi has had since 1.0, which its type declarations leave out. */
interface OutputInternals<T> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<T>;
}

function hasInternals<T>(output: object): output is OutputInternals<T> {
  return "isKnown" in output && "promise" in output && typeof output.promise === "function";
}

/**
 * Asks an Output whether it is known, and waits for it if it will be. The answer carries no dependency: what is made of it
 * orders nothing, so one host's failure or absence never blocks another.
 */
export async function outputValue<T>(output: pulumi.Output<T>): Promise<Known<T>> {
  const candidate: object = output;
  if (!hasInternals<T>(candidate))
    throw new Error(
      "this version of @pulumi/pulumi has Outputs of another shape: pin the version of package.json",
    );
  if (!(await candidate.isKnown)) return { known: false };
  return { known: true, value: await candidate.promise() };
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

/** Whether what an Output hangs on failed. */
export async function isRejected(output: pulumi.Output<unknown>): Promise<boolean> {
  return outputValue(output).then(
    () => false,
    () => true,
  );
}
