import path from "node:path";
import { Command } from "commander";
import picocolors from "picocolors";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { provideLintTools } from "./lint-tools.ts";
import { debianSuite } from "./pins.ts";
import { downloadPackages } from "./private-apt.ts";
import { describeOrigin } from "./progress.ts";
import {
  type ComponentDescription,
  createContext,
  describeToolchain,
  setUpComponents,
  setUpToolchain,
} from "./toolchain.ts";

/** Set-up may be interrupted at any time: children are ended, and the next run goes on where this one stopped. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () =>
      controller.abort(new Error(`interrupted by ${signal}; run it again to go on`)),
    );
  return controller.signal;
}

async function setUp(names: string[], options: { json?: true }): Promise<void> {
  const signal = abortOnSignals();
  const result =
    names.length === 0
      ? await setUpToolchain({ signal })
      : { components: await setUpComponents(names, { signal }) };
  if (options.json === true) console.log(JSON.stringify(result, null, 2));
  else for (const fact of result.components) console.log(`${fact.name}: ${describeOrigin(fact)}`);
}

async function describe(options: { json?: true }): Promise<void> {
  const components = await describeToolchain({ signal: abortOnSignals() });
  if (options.json === true)
    console.log(
      JSON.stringify({ ready: components.every((one) => one.state === "ready"), components }, null, 2),
    );
  else for (const component of components) console.log(describeLine(component));
}

function describeLine(component: ComponentDescription): string {
  const { state, version, origin, path: file, standIn, because, plan } = component;
  const kind = standIn === true ? `stand-in, ${origin}` : origin;
  if (state === "ready")
    return `${picocolors.green("ready")}    ${component.title}: ${version} (${kind}) ${file}`;
  return `${picocolors.yellow("missing")}  ${component.title}: ${because}; set-up would ${plan}`;
}

const program = new Command("toolchain")
  .description("Sets up what the demo and the tests run on, in .fleet/toolchain of this repository.")
  .showHelpAfterError();
program
  .command("set-up", { isDefault: true })
  .argument("[component...]", "only these, without putting a toolchain together")
  .description("get what is missing")
  .option("--json", "print environment and components")
  .action(setUp);
program
  .command("describe")
  .description("say what is there and what set-up would do; changes nothing")
  .option("--json", "machine-readable")
  .action(describe);
program
  .command("download")
  .argument("<package...>")
  .description(`download packages of Debian ${debianSuite} and what they depend on; prints one path each`)
  .action(async (packages: string[]) => {
    const { folder, signal } = createContext({ signal: abortOnSignals() });
    const cacheDir = path.join(folder, "apt");
    for (const file of await downloadPackages({ suite: debianSuite, packages, cacheDir, signal }))
      console.log(file);
  });
program
  .command("lint-tools")
  .description("get the linters for shell and Nix; prints one KEY=path line each")
  .action(async () => {
    for (const [key, file] of Object.entries(await provideLintTools({ signal: abortOnSignals() })))
      console.log(`${key}=${file}`);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof StepError || error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
