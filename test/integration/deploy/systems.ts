import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { unevaluatedSystem } from "../../../model/protocol/unevaluated-system.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { must } from "../../harness/machines/must.ts";

const evaluatedSchema = z.strictObject({ toplevel: z.string(), toplevelDerivation: z.string() });
const expression = fileURLToPath(new URL("system.nix", import.meta.url));
const flake = path.resolve(path.dirname(expression), "../../harness/miniflake");

/** Evaluates the miniature `web` with a page to serve and further settings, such as `{ faults: { inject: "units" } }`. */
export async function evaluateSystem(page: string, settings: object): Promise<HostSystem> {
  const nix = `import ${expression} ({ flake = ${flake}; } // builtins.fromJSON (builtins.getEnv "ARGUMENTS"))`;
  const json = await must("nix", nixArguments("eval", "--impure", "--json", "--expr", nix), {
    env: { ...nixEnvironment(), ARGUMENTS: JSON.stringify({ page, settings }) },
  });
  const { toplevel, toplevelDerivation } = evaluatedSchema.parse(JSON.parse(json));
  return { ...unevaluatedSystem(toplevel, "x86_64-linux"), toplevelDerivation, dirty: true };
}

/** Builds a system and returns its path. */
export async function buildToplevel(system: HostSystem): Promise<string> {
  await must("nix", nixArguments("build", "--no-link", `${system.toplevelDerivation}^*`), {
    env: nixEnvironment(),
  });
  return system.toplevel;
}
