import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { run } from "../../../runtime/platform/run-command.ts";
import type { ComponentFact, NotFound, SetUpContext } from "./component.ts";
import { formatVersion, isAtLeast, parseVersion, type Version } from "./version.ts";

const versionTimeoutSeconds = 15;

/** All executables of that name on PATH, ours left out: what set-up made is not "on the machine". */
export async function findOnPath(name: string, context: SetUpContext): Promise<string[]> {
  const folders = (context.environment["PATH"] ?? "").split(path.delimiter).filter((entry) => entry !== "");
  const found: string[] = [];
  for (const folder of folders) {
    const candidate = path.resolve(folder, name);
    if (isInside(candidate, context.folder) || !(await isExecutable(candidate))) continue;
    if (!isInside(await realpath(candidate), context.folder)) found.push(candidate);
  }
  return found;
}

export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The version a program tells on standard output or, failing that, standard error; undefined when it does not. */
export async function askVersion(
  executable: string,
  args: readonly string[],
  context: SetUpContext,
): Promise<Version | undefined> {
  const result = await run(executable, args, {
    env: { ...context.environment, ...askEnvironment(context) },
    timeoutSeconds: versionTimeoutSeconds,
    signal: context.signal,
  });
  return result.ok ? (parseVersion(result.stdout) ?? parseVersion(result.stderr)) : undefined;
}

/** Even `pulumi version` writes into its home, and `go version` into the configuration folder. */
function askEnvironment(context: SetUpContext): Record<string, string> {
  return {
    LC_ALL: "C.UTF-8",
    XDG_CONFIG_HOME: path.join(context.folder, "go-config"),
    PULUMI_HOME: path.join(context.folder, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

/** Looks on PATH for a program of at least `minimum`, the first that will do. */
export async function findProgram(
  wanted: { name: string; program: string; args: readonly string[]; minimum: string },
  context: SetUpContext,
): Promise<ComponentFact | NotFound> {
  const candidates = await findOnPath(wanted.program, context);
  let because = `no ${wanted.program} on PATH`;
  for (const candidate of candidates) {
    const version = await askVersion(candidate, wanted.args, context);
    if (version !== undefined && isAtLeast(version, wanted.minimum))
      return { name: wanted.name, version: formatVersion(version), origin: "found", path: candidate };
    because =
      version === undefined
        ? `${candidate} does not tell its version`
        : `${candidate} is ${formatVersion(version)}, older than ${wanted.minimum}`;
  }
  return { because };
}
