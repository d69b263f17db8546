import { Command } from "commander";
import { StepError } from "../../runtime/platform/step-error.ts";
import { worldSupport } from "../harness/machines/world-support.ts";
import { projectEnvironment } from "../harness/project/project.ts";
import { withFileLock } from "../harness/toolchain/file-lock.ts";
import { loadToolchain } from "../harness/toolchain/toolchain.ts";
import { type DemoShell, fleetCommandLine, runHere } from "./commands.ts";
import { demoFolder, demoProject, removeDemo, runningDemo } from "./demo-state.ts";
import { fleetTour } from "./fleet-tour.ts";
import { showPlan } from "./plan.ts";
import { tour } from "./tour.ts";

/** A shell in the demo that runs. @throws StepError when there is none */
async function openShell(): Promise<DemoShell> {
  const state = runningDemo();
  if (state === undefined)
    throw new StepError({ step: "looking for the demo", seen: "none is running", next: "npm run demo" });
  const { env } = await loadToolchain();
  return { world: state.world, folder: demoProject, environment: projectEnvironment(demoProject, env) };
}

/** Runs a tour; interrupted or failed, it leaves nothing behind. */
async function begin(play: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const support = worldSupport();
  if (!support.ok) return showPlan(support.reason);
  if (runningDemo() !== undefined)
    process.stdout.write("The demo is running; it is taken down and begun anew.\n");
  const controller = new AbortController();
  let interrupted = 0;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.on(signal, () => {
      if (interrupted !== 0) return;
      interrupted = code;
      process.stdout.write("\nInterrupted: taking everything down…\n");
      controller.abort(new Error("interrupted"));
      // What still runs in the world ends with it, and so does whatever waits for that.
      void removeDemo().then(() => process.exit(code));
    });
  try {
    return await play(controller.signal);
  } catch (error) {
    if (interrupted !== 0) return await new Promise<number>(() => {});
    process.stdout.write("\nThe demo failed: taking everything down…\n");
    await removeDemo();
    throw error;
  }
}

async function down(): Promise<number> {
  const state = runningDemo();
  if (state !== undefined) {
    const command = ["pulumi", "destroy", "--yes", "--skip-preview", "--stack", "demo"];
    const code = await openShell().then(
      (shell) => runHere(shell, command),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        return 1;
      },
    );
    if (code !== 0)
      process.stdout.write("pulumi destroy failed; the emulated cloud is ended all the same.\n");
  }
  await removeDemo();
  process.stdout.write("Nothing of the demo is left: no process, no network, no mount, no file.\n");
  return 0;
}

/** One demo at a time in a clone of the repository. */
const alone = (work: () => Promise<number>) => withFileLock(`${demoFolder}.lock`, undefined, work);
const exit = (code: number) => {
  process.exitCode = code;
};
const program = new Command("npm run demo --")
  .description("The main job on an emulated cloud: two NixOS servers, created, installed, deployed, changed.")
  .enablePositionalOptions()
  .showHelpAfterError()
  .action(async () => exit(await alone(() => begin(tour))));
program
  .command("fleet")
  .description("instead: three servers in a private network, one asks another, Prometheus watches all")
  .action(async () => exit(await alone(() => begin(fleetTour))));
program
  .command("ssh")
  .description("log in to a server, or run a command there")
  .argument("<host>")
  .argument("[command...]")
  .passThroughOptions()
  .action(async (host: string, command: string[]) =>
    exit(await runHere(await openShell(), fleetCommandLine("ssh", host, ...command))),
  );
program
  .command("status")
  .description("what runs where")
  .action(async () => exit(await runHere(await openShell(), fleetCommandLine("status"))));
program
  .command("preview")
  .description("what `up` would do")
  .action(async () => exit(await runHere(await openShell(), ["pulumi", "preview", "--stack", "demo"])));
program
  .command("up")
  .description("apply what you changed in .fleet/demo/fleet/")
  .option("-y, --yes", "without asking: for scripts")
  .action(async ({ yes = false }: { readonly yes?: boolean }) => {
    const unasked = yes ? ["--yes", "--skip-preview"] : [];
    exit(await runHere(await openShell(), ["pulumi", "up", ...unasked, "--stack", "demo"]));
  });
program
  .command("down")
  .description("destroy everything")
  .action(async () => exit(await down()));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(
    `${error instanceof StepError || error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
