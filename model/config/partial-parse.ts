import { z } from "zod";
import type { TagSettings } from "./hosts/expand-hosts.ts";
import { type HostConfig, hostSchema, hostSettings, sshSchema } from "./schema.ts";
import { type PartialBalancer, partialBalancerSchema } from "./settings/load-balancer.ts";
import { networkSchema } from "./settings/network.ts";
import type { StackSettings } from "./stack-settings.ts";
import type { Networks } from "./validate/network.ts";

/**
 * What can be read of a configuration that may have errors: the settings that are right by themselves. How they relate is checked all
 * the same, so that all errors are reported at once and none of them that only follows from another.
 */
export function readableStack(values: Readonly<Record<string, unknown>>): StackSettings {
  return {
    defaults: readable(hostSettings, values["defaults"] ?? {}) ?? {},
    ssh: readable(sshSchema, values["ssh"]) ?? sshSchema.parse(undefined),
  };
}

/** The hosts as they are written, without settings that are wrong. */
export function readableHosts(hosts: Readonly<Record<string, unknown>>): Record<string, HostConfig> {
  return eachReadable(hosts, hostSchema);
}

/** The settings of tags. */
export function readableTags(value: unknown): TagSettings {
  return eachReadable(recordOf(value), hostSettings);
}

/** The load balancers. */
export function readableBalancers(value: unknown): Record<string, PartialBalancer> {
  return eachReadable(recordOf(value), partialBalancerSchema);
}

/** The networks: one that is wrong in part is not readable at all, as its settings belong together. */
export function readableNetworks(value: unknown): Networks {
  const all = Object.entries(recordOf(value));
  const right = all.flatMap(([name, settings]) => {
    const parsed = networkSchema.safeParse(settings);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  return { names: all.map(([name]) => name), readable: Object.fromEntries(right) };
}

/** Empty for anything but an object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).catch({}).parse(value);
}

function eachReadable<Schema extends z.ZodType>(
  values: Readonly<Record<string, unknown>>,
  schema: Schema,
): Record<string, z.infer<Schema>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const found = readable(schema, value);
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}

/** undefined: it is not a map, or lacks what it needs. */
function readable<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> | undefined {
  const whole = schema.safeParse(value);
  if (whole.success) return whole.data;
  const part = schema.safeParse(withoutErrory(value, whole.error));
  return part.success ? part.data : undefined;
}

/** Settings whose parts have nothing to do with each other, and are not identified by their place in a list. */
const looseSettings: readonly unknown[] = ["networks", "tags"];

function withoutErrory(value: unknown, error: z.ZodError): unknown {
  const wrong = error.issues.flatMap(({ path: [setting, part], ...issue }) =>
    issue.code === "unrecognized_keys" && setting === undefined
      ? issue.keys.map((key) => ({ setting: key, part: undefined }))
      : [{ setting: String(setting), part: looseSettings.includes(setting) ? part : undefined }],
  );
  const entries = Object.entries(recordOf(value)).flatMap(([setting, given]) => {
    const parts = wrong.filter((each) => each.setting === setting).map(({ part }) => part);
    if (parts.length === 0) return [[setting, given] as const];
    return parts.includes(undefined) ? [] : [[setting, withoutParts(given, parts)] as const];
  });
  return Object.fromEntries(entries);
}

function withoutParts(value: unknown, parts: readonly unknown[]): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => !parts.includes(index));
  return Object.fromEntries(Object.entries(recordOf(value)).filter(([name]) => !parts.includes(name)));
}
