import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { withoutPulumiSecrets } from "../../../runtime/platform/run-command.ts";

/** What a stack's file says below `config:`; structured values are written as YAML. */
type StackConfig = Readonly<Record<string, unknown>>;

/** A Pulumi project of its own that runs this repository's program on the miniature flake, as a user's clone would run it. */
export interface TestProject {
  /** Folder of Pulumi.yaml: `pulumi` runs here. */
  readonly folder: string;
  /** The user's flake: a Git repository with all files added. */
  readonly hosts: string;
  /** Environment of `pulumi` and `fleet` on this project. */
  readonly environment: Readonly<Record<string, string>>;
  /** Writes `Pulumi.<stack>.yaml`, keeping what Pulumi wrote there itself. */
  configure(stack: string, config: StackConfig): void;
  /** Replaces text in a file of the flake; refuses when it is not there. */
  editHosts(file: string, from: string, to: string): void;
}

const harness = path.join(packageRoot(), "test", "harness");

/**
 * Lays out a project below the repository (its packages are found from there).
 * @param folder new, below `.fleet`
 * @param toolchainEnvironment as `loadToolchain` gives it
 */
export function createProject(
  folder: string,
  toolchainEnvironment: Readonly<Record<string, string>>,
): TestProject {
  const hosts = path.join(folder, "hosts");
  mkdirSync(path.join(folder, "state"), { recursive: true });
  writeManifest(folder);
  const program = path.relative(folder, path.join(packageRoot(), "program.mjs"));
  writeFileSync(
    path.join(folder, "package.json"),
    `${JSON.stringify({ name: "fleet", private: true, type: "module", main: program })}\n`,
  );
  cpSync(path.join(harness, "miniflake"), hosts, { recursive: true });
  git(hosts, "init", "--quiet", "--initial-branch=main");
  git(hosts, "add", "--all");
  git(
    hosts,
    "-c",
    "user.name=Demo",
    "-c",
    "user.email=demo@example.org",
    "commit",
    "--quiet",
    "--message=hosts: begin",
  );
  return {
    folder,
    hosts,
    environment: projectEnvironment(folder, toolchainEnvironment),
    configure: (stack, config) => writeStackFile(path.join(folder, `Pulumi.${stack}.yaml`), config),
    editHosts: (file, from, to) => replaceInFile(path.join(hosts, file), from, to),
  };
}

/** Writes the repository's Pulumi.yaml for a project in another folder. */
export function writeManifest(folder: string): void {
  const manifest = readFileSync(path.join(packageRoot(), "Pulumi.yaml"), "utf8");
  const preloaded = path.relative(folder, path.join(packageRoot(), "cli"));
  writeFileSync(path.join(folder, "Pulumi.yaml"), manifest.replace("./cli/", `${preloaded}/`));
}

/** Environment of `pulumi` and `fleet` on a project that `createProject` laid out: nothing of the user's Pulumi or Nix. */
export function projectEnvironment(
  folder: string,
  toolchainEnvironment: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...withoutPulumiSecrets(),
    ...toolchainEnvironment,
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "only for emulated clouds",
    FLEET_NIXOS_ANYWHERE:
      process.env["FLEET_NIXOS_ANYWHERE"] ?? path.join(harness, "nixos-anywhere", "nixos-anywhere.sh"),
  };
}

/** Never the user's own Git configuration: hooks, signing or templates of theirs have no business here. */
function git(folder: string, ...args: string[]): void {
  execFileSync("git", args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
  });
}

function writeStackFile(file: string, config: StackConfig): void {
  const before = readIfThere(file);
  const salt = before?.split("\n").filter((line) => line.startsWith("encryptionsalt:")) ?? [];
  writeFileSync(file, [...salt, stringify({ config })].join("\n"));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function replaceInFile(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`);
  writeFileSync(file, text.replace(from, to));
}
