import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { withoutPulumiSecrets } from "../../../runtime/platform/run-command.ts";
import type { SetUpContext } from "./component.ts";
import { findProgram } from "./executable.ts";
import { lastWords } from "./last-words.ts";
import { goMinimum } from "./pins.ts";
import { runTied } from "./tied-run.ts";

/** From empty caches the largest one takes some two minutes on two cores. */
const buildTimeoutSeconds = 1800;

/** The compiler uses all cores and gigabytes of memory by itself. */
const oneAtATime = pLimit(1);

/** Why nothing can be built from Go modules here; undefined when it can. */
export async function goObstacle(context: SetUpContext): Promise<string | undefined> {
  const go = await findProgram({ name: "go", program: "go", args: ["version"], minimum: goMinimum }, context);
  return "because" in go
    ? `${go.because}; Go ${goMinimum} or newer is needed (https://go.dev/dl)`
    : undefined;
}

/** One executable out of a Go module that is pinned by its go.mod and go.sum. */
export interface GoBuild {
  /** Folder of the module. */
  readonly module: string;
  /** Package path, or a path that begins with `./`. */
  readonly package: string;
  /** Where the executable goes, absolute. */
  readonly output: string;
  /** Linker variables, such as `main.version` → `1.2.1`. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Builds an executable. The user's Go caches are used, as any Go build does; modules must match go.sum.
 *
 * @throws Error with the compiler's last words
 */
export async function goBuild(build: GoBuild, context: SetUpContext): Promise<void> {
  const assignments = Object.entries(build.variables).map(([name, value]) => `-X ${name}=${value}`);
  const ldflags = ["-s", "-w", ...assignments].join(" ");
  // Gigabytes that a killed compiler would leave in /tmp; here the next attempt clears them away.
  const scratch = path.join(path.dirname(build.output), ".go-scratch");
  await mkdir(scratch);
  await oneAtATime(() => {
    context.signal.throwIfAborted();
    const args = ["build", "-ldflags", ldflags, "-o", build.output, build.package];
    return goRun(args, build.module, context, { GOTMPDIR: scratch });
  });
  await rm(scratch, { recursive: true });
}

/** Folder of a dependency's sources in the module cache, read-only. */
export async function goModuleFolder(module: string, of: string, context: SetUpContext): Promise<string> {
  return (await goRun(["list", "-m", "-f", "{{.Dir}}", of], module, context)).trim();
}

async function goRun(
  args: readonly string[],
  folder: string,
  context: SetUpContext,
  extra: Record<string, string> = {},
): Promise<string> {
  const result = await runTied("go", args, {
    cwd: folder,
    env: {
      ...withoutPulumiSecrets({ ...context.environment }),
      ...goHome(context),
      // A go.work further up, or flags of the user's, must not change what the pins mean.
      GOWORK: "off",
      // A fresh machine has no C compiler; with one the same would be built once more, otherwise.
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly -buildvcs=false",
      ...extra,
    },
    timeoutSeconds: buildTimeoutSeconds,
    signal: context.signal,
  });
  if (result.ok) return result.stdout;
  const seen = result.timedOut ? `gave up after ${buildTimeoutSeconds} s` : lastWords(result.stderr, 8);
  throw new Error(`go ${args[0]} in ${path.basename(folder)}: ${seen}`);
}

/** Go counts its uses in the user's configuration folder; what `go env -w` has set there stays in force. */
function goHome(context: SetUpContext): Record<string, string> {
  const { GOENV: settings, XDG_CONFIG_HOME: configuration, HOME: home } = context.environment;
  const folder = configuration ?? (home === undefined ? undefined : path.join(home, ".config"));
  const inForce = settings ?? (folder === undefined ? "off" : path.join(folder, "go", "env"));
  return { GOENV: inForce, XDG_CONFIG_HOME: path.join(context.folder, "go-config") };
}

/** Hash of what goes into builds from a module: every file of it, this platform, and `extra`. */
export async function goModuleKey(module: string, extra: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([process.platform, process.arch, ...extra]));
  const entries = await readdir(module, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name))
    .map((entry) => path.relative(module, path.join(entry.parentPath, entry.name)))
    .sort();
  for (const file of files) {
    const content = await readFile(path.join(module, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}
