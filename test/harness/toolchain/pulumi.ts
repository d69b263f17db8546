import { chmod, copyFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Component, ComponentFact, Made, NotFound, SetUpContext, Way } from "./component.ts";
import { askVersion, findOnPath, isExecutable } from "./executable.ts";
import { goBuild, goModuleFolder, goModuleKey, goObstacle } from "./go-build.ts";
import { officialCli } from "./official.ts";
import { pulumiVersion } from "./pins.ts";
import { formatVersion, isCompatible } from "./version.ts";

const languageHost = "pulumi-language-nodejs";
const cliModule = fileURLToPath(new URL("go/pulumi", import.meta.url));
const languageModule = fileURLToPath(new URL("go/language-nodejs", import.meta.url));
const sdkModule = "github.com/pulumi/pulumi/sdk/v3";
const linkedVersion = `${sdkModule}/go/common/version.Version`;

/** The CLI, which is the engine too, with its host for programs in TypeScript. */
export const pulumi: Component = {
  name: "pulumi",
  title: `Pulumi CLI ${pulumiVersion}`,
  find: findCli,
  ways: [officialCli, builtCli()],
  remedy: `install Pulumi ${pulumiVersion} or newer (https://www.pulumi.com/docs/install), then run again`,
};

async function findCli(context: SetUpContext): Promise<ComponentFact | NotFound> {
  let because = "no pulumi on PATH";
  for (const candidate of await findOnPath("pulumi", context)) {
    const version = await askVersion(candidate, ["version"], context);
    if (version === undefined) because = `${candidate} does not tell its version`;
    else if (!isCompatible(version, pulumiVersion))
      because = `${candidate} is ${formatVersion(version)}, not a 3.x of at least ${pulumiVersion}`;
    else if (!(await hasLanguageHost(candidate, context)))
      because = `${candidate} comes without ${languageHost}`;
    else return { name: "pulumi", version: formatVersion(version), origin: "found", path: candidate };
  }
  return { because };
}

async function hasLanguageHost(cli: string, context: SetUpContext): Promise<boolean> {
  return (await isBundled(cli)) || (await findOnPath(languageHost, context)).length > 0;
}

/** Whether the language host lies beside the CLI, where the engine finds it without PATH. */
export async function isBundled(cli: string): Promise<boolean> {
  return await isExecutable(path.join(path.dirname(cli), languageHost));
}

function builtCli(): Way {
  return {
    origin: "built",
    what: `build the Pulumi CLI ${pulumiVersion} from its Go modules`,
    async folderName() {
      const keys = await Promise.all([cliModule, languageModule].map((module) => goModuleKey(module, [])));
      return `pulumi-${pulumiVersion}-${keys.join("").slice(0, 6)}${keys.join("").slice(12, 18)}`;
    },
    obstacle: goObstacle,
    async make(folder, context, note): Promise<Made> {
      const bin = path.join(folder, "bin");
      await mkdir(bin);
      note(`building ${languageHost}`);
      await buildLanguageHost(bin, context);
      note(`building the CLI ${pulumiVersion}: up to two minutes`);
      await goBuild(
        {
          module: cliModule,
          package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
          output: path.join(bin, "pulumi"),
          variables: { [linkedVersion]: `v${pulumiVersion}` },
        },
        context,
      );
      return { version: pulumiVersion, executable: "bin/pulumi" };
    },
  };
}

async function buildLanguageHost(bin: string, context: SetUpContext): Promise<void> {
  await goBuild(
    {
      module: languageModule,
      package: `${sdkModule}/nodejs/cmd/${languageHost}`,
      output: path.join(bin, languageHost),
      variables: { [linkedVersion]: `v${pulumiVersion}` },
    },
    context,
  );
  // Small launchers the host expects beside itself, among them the one for dynamic providers.
  const launchers = path.join(await goModuleFolder(languageModule, sdkModule, context), "nodejs", "dist");
  for (const name of await readdir(launchers)) {
    if (name.endsWith(".cmd")) continue;
    await copyFile(path.join(launchers, name), path.join(bin, name));
    await chmod(path.join(bin, name), 0o755);
  }
}
