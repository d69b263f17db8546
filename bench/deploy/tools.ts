import path from "node:path";
import { nixEnvironment } from "../../engine/nix/environment.ts";
import { packageRoot } from "../../engine/package-root.ts";
import { run } from "../../engine/process/run.ts";
import type { HostSystem } from "../../fleet/protocol/connection.ts";
import { deployResultSchema } from "../../fleet/protocol/deploy.ts";
import type { Target } from "./targets.ts";

/** One way to bring a system onto a machine. */
export interface Tool {
  readonly name: string;
  /** @throws Error when it fails, or did something else than was due */
  deploy(target: Target, wanted: HostSystem): Promise<void>;
}

const deploySeconds = 120;
const cli = path.join(packageRoot(), "cli", "bin.mjs");

const fleet: Tool = {
  name: "fleet",
  async deploy(target, wanted) {
    const input = JSON.stringify(target.spec(wanted));
    const line = await outputOf(process.execPath, [cli, "internal", "deploy"], input);
    const { outcome } = deployResultSchema.parse(JSON.parse(line));
    const due = target.running.toplevel === wanted.toplevel ? "unchanged" : "deployed";
    if (outcome !== due) throw new Error(`fleet says "${outcome}" where "${due}" was due`);
  },
};

function script(name: string): Tool {
  const program = path.join(packageRoot(), "bench", "deploy", `${name}.sh`);
  return {
    name,
    async deploy({ sshConfig, address, running }, wanted) {
      await outputOf(program, [sshConfig, address, running.toplevel, wanted.toplevel], "");
    },
  };
}

async function outputOf(program: string, args: readonly string[], input: string): Promise<string> {
  const result = await run(program, args, { input, env: nixEnvironment(), timeoutSeconds: deploySeconds });
  if (!result.ok) throw new Error(`${path.basename(program)} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** Ours first; the others are floors. */
export const tools: readonly Tool[] = [fleet, script("ideal"), script("plain")];
