import { beginDemo, setUp } from "./begin.ts";
import { capture, type DemoShell, fleetCommandLine, must, showPage } from "./commands.ts";
import { writeDemoState } from "./demo-state.ts";
import { createNarrator, type Narrator } from "./narrator.ts";

const hosts = { web: { tags: ["web"], firewall: { tcp: [80] } }, db: { tags: ["db"] } };

/** The whole demo: set up, create two servers, change one line, apply it. @returns exit code */
export async function tour(signal: AbortSignal): Promise<number> {
  const narrator = createNarrator(6);
  narrator.step("Set up: Pulumi, its plugins, Nix, and the base of the test machines");
  const toolchain = await setUp(signal);
  narrator.step("An emulated cloud, and a project with two hosts");
  const { shell, project } = await beginDemo(toolchain, narrator, { hosts });
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

async function showHosts(shell: DemoShell, narrator: Narrator): Promise<void> {
  narrator.command("npx fleet status");
  await must(shell, fleetCommandLine("status"));
  await showPage(shell, narrator);
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
