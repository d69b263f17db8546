/** The facts of a stack as its last update left them, and the file that takes them to tools which build without us. */

import { z } from "zod";
import { parseJson, stableJson } from "../json/json.ts";
import {
  dynamicFactNames,
  type FactPath,
  type FactValue,
  factPaths,
  factValueSchema,
  type StaticFacts,
} from "./facts.ts";

const staticFactsSchema: z.ZodType<StaticFacts> = z.object({
  project: z.string(),
  stack: z.string(),
  hosts: z.record(
    z.string(),
    z.object({
      provider: z.enum(["hetzner", "scaleway", "existing"]),
      location: z.string().nullable(),
      tags: z.array(z.string()),
      sshPort: z.number().int(),
      privateAddresses: z.record(z.string(), z.string()),
      volumes: z.record(z.string(), z.object({ size: z.number() })),
    }),
  ),
  networks: z.record(z.string(), z.object({ range: z.string(), subnet: z.string() })),
  customFacts: z.array(z.string()),
});

/** Stack output `facts`. No secrets. */
export const deployedFactsSchema = z.object({
  fixed: staticFactsSchema,
  /** By path, as `FactPath` has it. */
  known: z.record(z.string(), factValueSchema),
  /** Path of a fact that was not known → until when. */
  unknown: z.record(z.string(), z.string()),
  /** By host: the configuration it uses; null: it has a ready-made system. */
  sources: z.record(z.string(), z.object({ flake: z.string(), attribute: z.string() }).nullable()),
});
export type DeployedFacts = z.infer<typeof deployedFactsSchema>;

/** What `hosts/modules/facts/default.nix` reads. Changes of it that an older reader would misunderstand get another `format`. */
const writtenFactsSchema = z.strictObject({
  about: z.string(),
  /** Name under `nixosConfigurations`, by host; hosts of other flakes have none here. */
  configurations: z.record(z.string(), z.string()),
  dynamicFactNames: z.array(z.string()),
  fixed: staticFactsSchema,
  format: z.literal(1),
  known: z.record(z.string(), factValueSchema),
});
export type WrittenFacts = z.infer<typeof writtenFactsSchema>;

/** A fact that is not what a file says. As JSON; undefined: it is not there. */
export interface FactDifference {
  /** As Nix reads it below `config.fleet`: `hosts.db.ipv4`. */
  readonly path: string;
  readonly written: string | undefined;
  readonly actual: string | undefined;
}

const about = "Written by `npx fleet facts export`, which replaces it: do not edit.";

/** The file for a flake. `configurations`: its hosts, with their names under `nixosConfigurations`. */
export function writtenFacts(
  { fixed, known }: DeployedFacts,
  configurations: Readonly<Record<string, string>>,
): WrittenFacts {
  return {
    about,
    configurations: { ...configurations },
    dynamicFactNames: [...dynamicFactNames],
    fixed,
    format: 1,
    known,
  };
}

/** Facts without which no host's system is certain: path, and until when it is not known. In a fixed order. */
export function missingFacts({ fixed, known, unknown }: DeployedFacts): { path: FactPath; until: string }[] {
  return factPaths(fixed)
    .filter((path) => !Object.hasOwn(known, path))
    .map((path) => ({ path, until: unknown[path] ?? "the next update" }));
}

/** Text of the file: sorted, one value a line. */
export function factsText(facts: WrittenFacts): string {
  return `${stableJson(facts, 2)}\n`;
}

/** What differs between a file and the facts it should hold, sorted by path; any other file differs as a whole. */
export function factDifferences(text: string, facts: WrittenFacts): FactDifference[] {
  const before = flat(writtenFactsSchema.safeParse(parseJson(text)).data);
  const now = flat(facts);
  return [...new Set([...before.keys(), ...now.keys()])]
    .sort()
    .map((path) => ({ path, written: before.get(path), actual: now.get(path) }))
    .filter(({ written, actual }) => written !== actual);
}

/** Every value by the path Nix knows it by. */
function flat(facts: WrittenFacts | undefined): Map<string, string> {
  if (facts === undefined) return new Map();
  const { configurations, fixed, known, dynamicFactNames: names } = facts;
  const { project, stack, hosts, networks } = fixed;
  const ofHosts = Object.entries(hosts).flatMap(([host, facts]) =>
    Object.entries(facts).map(([name, value]) => [`hosts.${host}.${name}`, value] as const),
  );
  const entries: (readonly [string, unknown])[] = [
    ["project", project],
    ["stack", stack],
    ["names of facts", names],
    ...ofHosts,
    ...Object.entries(networks).map(([name, network]) => [`networks.${name}`, network] as const),
    ...Object.entries(configurations).map(([host, name]) => [`configuration of ${host}`, name] as const),
    ...Object.entries(known),
  ];
  return new Map(entries.map(([path, value]) => [path, stableJson(value)]));
}

/** A fact as people read it. */
export function factText(value: FactValue | undefined): string {
  if (value === undefined) return "?";
  return typeof value === "string" ? value : JSON.stringify(value);
}
