import { z } from "zod";
import { beginDemo, setUp } from "./begin.ts";
import { capture, type DemoShell, fetchPage, fleetCommandLine, runHere } from "./commands.ts";
import { writeDemoState } from "./demo-state.ts";
import { createNarrator, type Narrator } from "./narrator.ts";

const addressSchema = z.object({ web: z.object({ address: z.string() }) });

/** The whole demo: set up, create two servers, change one line, apply it. @returns exit code */
export async function tour(signal: AbortSignal): Promise<number> {
  const narrator = createNarrator(6);
  narrator.step("Set up: Pulumi, its plugins, Nix, and the base of the test machines");
  const toolchain = await setUp(signal);
  narrator.step("An emulated cloud, and a project with two hosts");
  const { shell, project } = await beginDemo(toolchain, narrator);
  signal.throwIfAborted();

  narrator.step("Create two servers, install NixOS on them and deploy");
  narrator.command("pulumi up");
  await must(shell, ["pulumi", "up", "--yes", "--skip-preview", "--stack", "demo"]);
  await writeDemoState({ world: shell.world, complete: true });

  narrator.step("What runs there");
  await showHosts(shell, narrator);

  narrator.step("Change one line of one host and look at what would happen");
  project.editHosts("web/default.nix", "version 1", "version 2");
  narrator.command("git diff hosts/");
  narrator.show((await capture(shell, ["git", "-C", project.hosts, "diff", "--unified=0"])).trimEnd());
  narrator.command("pulumi preview        # only web is touched");
  await must(shell, ["pulumi", "preview", "--stack", "demo"]);
  narrator.say("A replaced deployment-run is a deployment in place: the server and its disk stay.");

  narrator.step("Apply it");
  narrator.command("pulumi up");
  await must(shell, ["pulumi", "up", "--yes", "--skip-preview", "--stack", "demo"]);
  await showHosts(shell, narrator);
  sayGoodbye();
  return 0;
}

async function must(shell: DemoShell, command: readonly string[]): Promise<void> {
  const code = await runHere(shell, command);
  if (code !== 0) throw new Error(`${command.slice(0, 2).join(" ")} ended with exit code ${code}`);
}

async function showHosts(shell: DemoShell, narrator: Narrator): Promise<void> {
  narrator.command("npx fleet status");
  await must(shell, fleetCommandLine("status"));
  const outputs = await capture(shell, ["pulumi", "stack", "output", "hosts", "--json", "--stack", "demo"]);
  const { address } = addressSchema.parse(JSON.parse(outputs)).web;
  narrator.command(`curl http://${address}/`);
  narrator.show(await fetchPage(shell, `http://${address}/`));
}

function sayGoodbye(): void {
  process.stdout.write(`
The two servers keep running until you end them. Try:

  npm run demo -- status      what runs where
  npm run demo -- ssh web     log in to a server
  npm run demo -- up          apply your own change of .fleet/demo/fleet/hosts/
  npm run demo -- down        destroy everything and leave nothing behind

For servers of your own: README.md, "Your own servers".
`);
}
