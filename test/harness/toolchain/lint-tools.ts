import { rm } from "node:fs/promises";
import path from "node:path";
import { withoutPulumiSecrets } from "../../../runtime/platform/run-command.ts";
import type { Component, Made, Way } from "./component.ts";
import { debianWay } from "./debian-way.ts";
import { askVersion, findOnPath } from "./executable.ts";
import { lastWords } from "./last-words.ts";
import { provideAll } from "./progress.ts";
import { runTied } from "./tied-run.ts";
import { createContext, type SetUpOptions } from "./toolchain.ts";
import { formatVersion } from "./version.ts";

const compileTimeoutSeconds = 1200;

/** A linter or formatter. Its version is pinned exactly, as another one finds other faults and formats otherwise. */
interface LintTool {
  readonly program: string;
  readonly version: string;
  readonly way: Way;
  readonly remedy: string;
}

const lintTools: readonly LintTool[] = [
  fromDebian("shellcheck", "0.10.0", { throughLoader: true }),
  fromDebian("shfmt", "3.8.0"),
  fromCrate("nixpkgs-fmt", "1.3.0"),
  fromCrate("deadnix", "1.3.1"),
];

/**
 * Gets the linters for shell and Nix.
 *
 * @returns absolute path of each program by its name in capitals, such as SHELLCHECK
 * @throws StepError naming those that could not be had
 */
export async function provideLintTools(options: SetUpOptions = {}): Promise<Record<string, string>> {
  const facts = await provideAll(lintTools.map(component), createContext(options));
  return Object.fromEntries(facts.map((fact) => [fact.name.toUpperCase(), fact.path]));
}

function component(tool: LintTool): Component {
  const { program, version } = tool;
  return {
    name: program,
    title: `${program} ${version}`,
    async find(context) {
      for (const candidate of await findOnPath(program, context)) {
        const found = await askVersion(candidate, ["--version"], context);
        if (found !== undefined && formatVersion(found) === version)
          return { name: program, version, origin: "found", path: candidate };
      }
      return { because: `no ${program} ${version} on PATH` };
    },
    ways: [tool.way],
    remedy: tool.remedy,
  };
}

function fromDebian(program: string, version: string, how: { throughLoader?: true } = {}): LintTool {
  return {
    program,
    version,
    way: debianWay(
      program,
      { packages: [program], programs: [program], ...how },
      { program, versionArgs: ["--version"] },
    ),
    remedy: `put ${program} ${version} on PATH, then run again`,
  };
}

function fromCrate(program: string, version: string): LintTool {
  const way: Way = {
    origin: "built",
    what: `compile ${program} ${version} with cargo`,
    folderName: async () => `${program}-${version}`,
    async obstacle(context) {
      const cargo = await findOnPath("cargo", context);
      return cargo.length === 0 ? "there is no cargo (https://rustup.rs)" : undefined;
    },
    async make(folder, context, note): Promise<Made> {
      note(`compiling ${program}: about a minute`);
      const target = path.join(folder, "target");
      const args = ["install", "--locked", "--version", version, "--root", folder, program];
      const result = await runTied("cargo", args, {
        env: { ...withoutPulumiSecrets({ ...context.environment }), CARGO_TARGET_DIR: target },
        timeoutSeconds: compileTimeoutSeconds,
        signal: context.signal,
      });
      if (!result.ok)
        throw new Error(
          result.timedOut ? `gave up after ${compileTimeoutSeconds} s` : lastWords(result.stderr, 5),
        );
      await rm(target, { recursive: true, force: true });
      return { version, executable: path.join("bin", program) };
    },
  };
  return { program, version, way, remedy: `put ${program} ${version} on PATH, then run again` };
}
