import { z } from "zod";

const exportSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            delete: z.boolean().optional(),
            inputs: z.record(z.string(), z.unknown()).optional(),
            outputs: z.record(z.string(), z.unknown()).optional(),
          }),
        )
        .optional(),
    })
    .nullable(),
});

/** A resource that a stack's state knows. */
export interface StateResource {
  /** Its own name, the last part of the URN. */
  readonly name: string;
  /** Type token, such as `command:local:Command`. */
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources in what `pulumi stack export` prints, but for those that a replacement is about to remove. */
export function parseResources(exported: string): StateResource[] {
  const { deployment } = exportSchema.parse(JSON.parse(exported));
  return (deployment?.resources ?? [])
    .filter((resource) => resource.delete !== true)
    .map(({ urn, type, inputs = {}, outputs = {} }) => ({
      // Names hold no colons: `urn:pulumi:<stack>::<project>::<types>::<name>`.
      name: urn.split("::").at(-1) ?? "",
      type,
      inputs,
      outputs,
    }));
}
