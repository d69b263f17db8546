import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";
import { projectEnvironment, writeManifest } from "../../test/harness/project/project.ts";
import { loadToolchain } from "../../test/harness/toolchain/toolchain.ts";

/** One command of an update. */
export interface UpdateCommand {
  readonly name: string;
  /** For the shell. */
  readonly create: string;
  readonly stdin: string;
  /** The command runs when this differs from the last time. */
  readonly trigger: string;
}

/** A stack whose program runs one command for each host. */
export interface UpdateProject {
  /** `pulumi up` with all commands at once. @throws Error with what it said when it fails */
  up(commands: readonly UpdateCommand[]): Promise<void>;
  /** What each command printed in the last update, by its name. */
  results(): Promise<Readonly<Record<string, string>>>;
}

const upSeconds = 300;
const resultsSchema = z.record(z.string(), z.string());

/** Lays out a project with an empty stack. @param name of its folder, below `.fleet` where its packages are found */
export async function createUpdateProject(
  name: string,
): Promise<UpdateProject & { readonly folder: string }> {
  const folder = path.join(packageRoot(), ".fleet", "bench", name);
  mkdirSync(path.join(folder, "state"), { recursive: true });
  writeManifest(folder);
  const main = path.relative(folder, path.join(packageRoot(), "bench", "deploy", "update-program.mjs"));
  const manifest = { name: "update", private: true, type: "module", main };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const env = projectEnvironment(folder, (await loadToolchain()).env);
  await LocalWorkspace.createOrSelectStack({ stackName: "test", workDir: folder }, { envVars: { ...env } });
  const pulumi = async (...args: readonly string[]) => {
    const options = { cwd: folder, env, timeoutSeconds: upSeconds };
    const result = await run("pulumi", [...args, "--stack", "test", "--non-interactive"], options);
    if (!result.ok) throw new Error(`pulumi ${args[0]} failed:\n${result.stdout}${result.stderr}`);
    return result.stdout;
  };
  return {
    folder,
    async up(commands) {
      writeFileSync(path.join(folder, "commands.json"), JSON.stringify(commands), { mode: 0o600 });
      await pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--parallel", "100");
    },
    results: async () =>
      resultsSchema.parse(JSON.parse(await pulumi("stack", "output", "--json", "results"))),
  };
}
