import { setTimeout as pause } from "node:timers/promises";
import { StepError } from "../../runtime/platform/step-error.ts";
import { prepareMachinePrograms } from "../harness/machines/machine-programs.ts";
import { beginDemo, setUp } from "./begin.ts";
import { capture, type DemoShell, fleetCommandLine, must, showPage } from "./commands.ts";
import { writeDemoState } from "./demo-state.ts";
import {
  fleetHosts,
  fleetNetworks,
  layOutFleet,
  type ScrapeTarget,
  scrapeTargets,
} from "./monitored-fleet.ts";
import { createNarrator, type Narrator } from "./narrator.ts";

const targetsUrl = "http://127.0.0.1:9090/api/v1/targets";
const scrapedSeconds = 60;
const pauseMs = 500;

/** Hosts that know each other: one asks another over a private network, a third watches them all. @returns exit code */
export async function fleetTour(signal: AbortSignal): Promise<number> {
  const narrator = createNarrator(5);
  narrator.step("Set up: as for the demo, and Prometheus with its node exporter");
  const toolchain = await setUp(signal);
  const lacking = await prepareMachinePrograms(signal);
  if (lacking !== undefined)
    throw new StepError({
      step: "getting Prometheus from Debian's packages",
      seen: lacking,
      next: "look at the network, or run the demo without it: npm run demo",
    });

  narrator.step("An emulated cloud, and a project with three hosts in a private network");
  const scene = { hosts: fleetHosts, networks: fleetNetworks, layOut: layOutFleet };
  const { shell } = await beginDemo(toolchain, narrator, scene);
  narrator.say("Their NixOS configurations, hosts/*/default.nix there, take each other's addresses from the");
  narrator.say("facts: config.fleet.hosts.db.privateAddresses.internal is where web asks.");
  signal.throwIfAborted();

  narrator.step("Create three servers and their network, install NixOS and deploy");
  narrator.command("pulumi up");
  await must(shell, ["pulumi", "up", "--yes", "--skip-preview", "--stack", "demo"]);
  await writeDemoState({ world: shell.world, complete: true });
  narrator.command("npx fleet status");
  await must(shell, fleetCommandLine("status"));

  narrator.step("web asks db over the private network");
  await showPage(shell, narrator);
  narrator.command("npx fleet ssh web ip route get 10.0.1.3");
  narrator.show(
    (await onHost(shell, "web", "ip", "route", "get", fleetHosts.db.networks.internal)).trimEnd(),
  );

  narrator.step("monitor scrapes all three over it");
  await showTargets(shell, narrator, signal);
  sayGoodbye();
  return 0;
}

async function onHost(shell: DemoShell, host: string, ...command: string[]): Promise<string> {
  return await capture(shell, fleetCommandLine("ssh", host, ...command));
}

async function showTargets(shell: DemoShell, narrator: Narrator, signal: AbortSignal): Promise<void> {
  narrator.command(`npx fleet ssh monitor curl -s ${targetsUrl}`);
  const targets = await untilUp(shell, signal);
  narrator.show(targets.map(({ host, url, health }) => `${host.padEnd(8)} ${url} ${health}`).join("\n"));
}

/** @throws StepError when some target is not up in time */
async function untilUp(shell: DemoShell, signal: AbortSignal): Promise<ScrapeTarget[]> {
  const end = Date.now() + scrapedSeconds * 1000;
  let seen = "no answer";
  while (Date.now() < end) {
    signal.throwIfAborted();
    try {
      const targets = scrapeTargets(await onHost(shell, "monitor", "curl", "-sSf", targetsUrl));
      if (targets.length > 0 && targets.every(({ health }) => health === "up")) return targets;
      seen = JSON.stringify(targets);
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    await pause(pauseMs);
  }
  throw new StepError({
    step: `waiting ${scrapedSeconds} s for Prometheus' targets on host "monitor"`,
    seen,
    next: "npm run demo -- fleet, once more; if it stays so, it is a bug to be reported",
  });
}

function sayGoodbye(): void {
  process.stdout.write(`
The three servers keep running until you end them. Look yourself:

  npm run demo -- ssh web ip address show eth1
  npm run demo -- ssh web curl -s http://10.0.1.3:5432/
  npm run demo -- ssh monitor curl -s 'http://127.0.0.1:9090/api/v1/query?query=node_load1'
  npm run demo -- up          apply your own change of .fleet/demo/fleet/hosts/
  npm run demo -- down        destroy everything and leave nothing behind
`);
}
