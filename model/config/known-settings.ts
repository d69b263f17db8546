import { z } from "zod";
import { errorPath } from "../errors/config-error.ts";
import type { KnownSettings, NearbySetting } from "../errors/unknown-setting.ts";
import { configurationSchema } from "./schema.ts";

/**
 * The settings at a path of the configuration, and those one level around it.
 * @param root what a full path begins with, colon included: `fleet:`
 */
export function knownSettings(root: string, path: readonly PropertyKey[]): KnownSettings {
  const own = settingsAt(path);
  return { here: Object.keys(own), around: [...below(own), ...above(root, path)] };
}

function below(own: Readonly<Record<string, z.ZodType>>): NearbySetting[] {
  return Object.entries(own).flatMap(([name, schema]) => {
    const inner = unwrap(schema);
    const [object, written] =
      inner instanceof z.ZodArray ? [unwrap(inner.element as z.ZodType), `${name}[]`] : [inner, name];
    return Object.keys(shapeOf(object)).map((key) => ({ key, written: `${written}.${key}` }));
  });
}

/** Of the nearest object around it: entries of a map or of a list are in between. */
function above(root: string, path: readonly PropertyKey[]): NearbySetting[] {
  for (let length = path.length - 1; length >= 0; length -= 1) {
    const outer = path.slice(0, length);
    const keys = Object.keys(settingsAt(outer));
    if (keys.length > 0)
      return keys.map((key) => {
        const [first = key, ...rest] = [...outer, key];
        return { key, written: errorPath(`${root}${String(first)}`, rest) };
      });
  }
  return [];
}

function settingsAt(path: readonly PropertyKey[]): Readonly<Record<string, z.ZodType>> {
  return shapeOf(unwrap(path.reduce(descend, configurationSchema)));
}

function descend(schema: z.ZodType, part: PropertyKey): z.ZodType {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return shapeOf(inner)[String(part)] ?? z.never();
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
  return z.never();
}

/** Empty for what is no object. */
function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  return schema instanceof z.ZodObject ? (schema.shape as Readonly<Record<string, z.ZodType>>) : {};
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap() as z.ZodType);
  // A short form is read as the long one: the settings are those of the long one.
  if (schema instanceof z.ZodPipe) return unwrap(schema.out as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    const maps = schema.options.map((option) => unwrap(option as z.ZodType));
    return maps.find((option) => option instanceof z.ZodObject) ?? schema;
  }
  return schema;
}
