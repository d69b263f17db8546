import * as pulumi from "@pulumi/pulumi";

// What the program takes of @pulumi/pulumi that its type declarations leave out. A test fails for a version that changes any of it.

/** Members that every Output has had since version 1.0. */
interface OutputInternals<T> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<T>;
}

export function outputInternals<T>(output: pulumi.Output<T>): OutputInternals<T> {
  const candidate: object = output;
  if (!hasInternals<T>(candidate)) throw changed("has Outputs of another shape");
  return candidate;
}

function hasInternals<T>(output: object): output is OutputInternals<T> {
  return "isKnown" in output && "promise" in output && typeof output.promise === "function";
}

/** The engine's marker of a value that is not known: an Output that holds it is unknown, which no type can say. */
export function unknownValue<T>(): T {
  return pulumi.unknown as unknown as T;
}

/** Whether a key of the configuration is encrypted, which `pulumi.Config` asks as well. */
export function isConfigSecret(key: string): boolean {
  const runtime: object = pulumi.runtime;
  if (!("isConfigSecret" in runtime) || typeof runtime.isConfigSecret !== "function")
    throw changed("does not report which keys are secret");
  const answer: unknown = runtime.isConfigSecret(key);
  return answer === true;
}

/**
 * Compares an ignored input after all. Options are given before anything is known, but transforms run once all inputs are.
 * @param property as in `ignoreChanges`
 */
export function compareIf(property: string, wanted: Promise<boolean>): pulumi.ResourceTransform {
  return async ({ props, opts }) => {
    if (!(await wanted)) return undefined;
    const ignoreChanges = (opts.ignoreChanges ?? []).filter((ignored) => ignored !== property);
    return { props, opts: { ...opts, ignoreChanges } };
  };
}

function changed(how: string): Error {
  return new Error(`this version of @pulumi/pulumi ${how}: pin the version of package.json`);
}
