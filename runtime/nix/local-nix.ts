import { readFile } from "node:fs/promises";
import which from "which";
import { z } from "zod";
import type { Limits } from "../platform/limits.ts";
import { describeNixError } from "./nix-error.ts";
import { runNix } from "./run-nix.ts";

/** Nix on the operator's machine. */
export type LocalNix =
  | { readonly state: "absent" }
  /** There is one, and it cannot be used: its own words. */
  | { readonly state: "broken"; readonly seen: string }
  /** Platforms it builds for: its own, emulated ones, and those of its remote builders. */
  | { readonly state: "works"; readonly platforms: readonly string[] };

const setting = <Value extends z.ZodType>(value: Value) => z.object({ value });
const settingsSchema = z.object({
  system: setting(z.string()),
  "extra-platforms": setting(z.array(z.string())),
  builders: setting(z.string()),
});

/** True if there is a `nix` on PATH; nothing is started. */
export async function hasLocalNix(): Promise<boolean> {
  return (await which("nix", { nothrow: true })) !== null;
}

/** Asks the local Nix what it can build. */
export async function examineLocalNix(limits: Limits): Promise<LocalNix> {
  if (!(await hasLocalNix())) return { state: "absent" };
  const result = await runNix(["config", "show", "--json"], limits);
  if (!result.ok) return { state: "broken", seen: describeNixError(result, limits).seen };
  const { system, builders, "extra-platforms": extra } = settingsSchema.parse(JSON.parse(result.stdout));
  const machines = builderPlatforms(await readBuilders(builders.value));
  return { state: "works", platforms: [...new Set([system.value, ...extra.value, ...machines])] };
}

/** The setting `builders` with the files it names (`@/etc/nix/machines`) read; one that is not there names no machine. */
async function readBuilders(text: string): Promise<string> {
  const entries = text.split(/[;\n]/).map(async (entry) => {
    const file = entry.trim();
    return file.startsWith("@") ? await readFile(file.slice(1), "utf8").catch(() => "") : entry;
  });
  return (await Promise.all(entries)).join("\n");
}

/** Platforms of remote builders: the second word of each machine, or ours where it is `-` (nix.conf(5), `builders`). @internal */
export function builderPlatforms(builders: string): string[] {
  const lines = builders.split(/[;\n]/).map((line) => line.replace(/#.*/, "").trim());
  return lines.flatMap((line) => {
    const platforms = line.split(/\s+/)[1];
    return platforms === undefined || platforms === "-" ? [] : platforms.split(",");
  });
}
