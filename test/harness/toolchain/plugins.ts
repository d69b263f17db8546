import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { withoutPulumiSecrets } from "../../../runtime/platform/run-command.ts";
import { completeFolder } from "./complete-folder.ts";
import type { Component, Made, Note, SetUpContext, Way } from "./component.ts";
import { findPlugin } from "./find-plugin.ts";
import { goBuild, goModuleKey, goObstacle } from "./go-build.ts";
import { lastWords } from "./last-words.ts";
import { officialPlugin } from "./official.ts";
import { bridgedPlugins, commandPlugin, type PluginPin } from "./pins.ts";
import { runTied } from "./tied-run.ts";

const bridgeModule = fileURLToPath(new URL("go/bridge", import.meta.url));
const commandModule = fileURLToPath(new URL("../plugins/command", import.meta.url));
const generateTimeoutSeconds = 300;

/** The plugins of every provider this project uses. */
export const plugins: readonly Component[] = [
  ...bridgedPlugins.map((pin) => plugin(pin, builtBridge(pin))),
  plugin(commandPlugin, builtCommand(commandPlugin)),
];

function plugin(pin: PluginPin, built: Way): Component {
  return {
    name: `plugin-${pin.name}`,
    title: `${pin.name} plugin ${pin.version}`,
    find: (context) => findPlugin(pin, context),
    ways: [officialPlugin(pin), built],
    remedy: `run "pulumi plugin install resource ${pin.name} ${pin.version}${
      pin.server === undefined ? "" : ` --server ${pin.server}`
    }", then run again`,
  };
}

/** The same Terraform provider behind the same bridge as in the official plugin; only its description is ours. */
function builtBridge(pin: PluginPin): Way {
  return {
    origin: "built",
    what: `build the ${pin.name} plugin ${pin.version} from its Go modules`,
    folderName: async () =>
      `plugin-${pin.name}-${pin.version}-${await goModuleKey(bridgeModule, [pin.name, pin.version])}`,
    obstacle: goObstacle,
    async make(folder, context, note): Promise<Made> {
      const executable = `pulumi-resource-${pin.name}`;
      const variables = { "pulumi-nixos.test/bridge/version.Plugin": pin.version };
      // What is generated is compiled in, and must not land in the repository.
      const sources = path.join(folder, "source");
      await cp(bridgeModule, sources, { recursive: true });
      const generator = await buildGenerator(context, note);
      note(`generating the schema of ${pin.name}`);
      await generate(generator, pin, path.join(sources, "cmd", executable), folder, context);
      note(`building ${executable}`);
      const output = path.join(folder, executable);
      await goBuild({ module: sources, package: `./cmd/${executable}`, output, variables }, context);
      await rm(sources, { recursive: true });
      return { version: pin.version, executable };
    },
  };
}

async function buildGenerator(context: SetUpContext, note: Note): Promise<string> {
  const executable = "generate";
  const folder = path.join(
    context.folder,
    `bridge-generator-${await goModuleKey(bridgeModule, ["generate"])}`,
  );
  const make = async () => {
    note("building the schema generator: two to three minutes the first time");
    await goBuild(
      {
        module: bridgeModule,
        package: "./cmd/generate",
        output: path.join(folder, executable),
        variables: {},
      },
      context,
    );
    return { version: "0.0.0", executable };
  };
  await completeFolder(folder, context.signal, make);
  return path.join(folder, executable);
}

/** Writes schema.json and bridge-metadata.json. */
async function generate(
  generator: string,
  pin: PluginPin,
  output: string,
  folder: string,
  context: SetUpContext,
): Promise<void> {
  const work = path.join(folder, "work");
  // It wants to find the upstream documentation from here; without it, descriptions stay empty.
  await mkdir(path.join(work, "provider"), { recursive: true });
  const result = await runTied(generator, [pin.name, "schema", "--out", output], {
    cwd: work,
    env: {
      ...withoutPulumiSecrets({ ...context.environment }),
      HOME: work,
      PULUMI_HOME: work,
      GOPROXY: "off",
    },
    timeoutSeconds: generateTimeoutSeconds,
    signal: context.signal,
  });
  if (!result.ok) throw new Error(`generating its schema: ${lastWords(result.stderr, 8)}`);
  await rm(work, { recursive: true });
}

/** The official plugin's module cannot be built from here, so this one is a stand-in, with a conformance test. */
function builtCommand(pin: PluginPin): Way {
  return {
    origin: "built",
    what: `build a stand-in of the ${pin.name} plugin ${pin.version}`,
    standIn: true,
    folderName: async () =>
      `plugin-${pin.name}-${pin.version}-standin-${await goModuleKey(commandModule, [pin.version])}`,
    obstacle: goObstacle,
    async make(folder, context): Promise<Made> {
      const executable = `pulumi-resource-${pin.name}`;
      const output = path.join(folder, executable);
      const variables = { "main.version": pin.version };
      await goBuild({ module: commandModule, package: ".", output, variables }, context);
      return { version: pin.version, executable };
    },
  };
}
