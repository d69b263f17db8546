import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { scrapeTargets } from "../../demo/monitored-fleet.ts";
import { machineProgram } from "../../harness/machines/machine-programs.ts";
import { testAddress } from "../addresses.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { onHost } from "./look.ts";
import { createNixosMachines } from "./nixos-machines.ts";
import type { EngineRun } from "./test-stack.ts";

const prometheus = machineProgram("prometheus");
const exporter = machineProgram("prometheus-node-exporter");

const seriesSchema = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

/** Adds a monitoring host to the project's flake, and to every host the modules of `hosts/` that are under test. */
async function addMonitoring({ hosts, editHosts }: StackFixture["project"]): Promise<void> {
  cpSync(path.join(packageRoot(), "hosts/modules/metrics"), path.join(hosts, "metrics"), { recursive: true });
  mkdirSync(path.join(hosts, "monitor"));
  writeFileSync(
    path.join(hosts, "monitor/default.nix"),
    `{
      imports = [ ../metrics/server.nix ../metrics/exporter.nix ../web/disko.nix ];
      networking.hostName = "monitor";
      system.stateVersion = "26.05";
      services.prometheus.globalConfig.scrape_interval = "1s";
    }\n`,
  );
  for (const name of ["web", "db"])
    editHosts(`${name}/default.nix`, "./disko.nix ]", "./disko.nix ../metrics/exporter.nix ]");
  editHosts("flake.nix", "db = host ./db;", "db = host ./db;\n        monitor = host ./monitor;");
  await execa("git", ["-C", hosts, "add", "--all"]);
}

/** In order. Prometheus and its node exporter are the real ones. */
describe.skipIf(prometheus === undefined || exporter === undefined)("a monitoring host", () => {
  let fixture: StackFixture;
  const names = ["monitor", "web", "db"];
  const address = (name: string) => testAddress(40 + names.indexOf(name));

  const configure = (monitored: readonly string[]) => {
    const hosts = names.map((name) => {
      const tags = [
        ...(name === "monitor" ? ["monitoring"] : []),
        ...(monitored.includes(name) ? ["monitored"] : []),
      ];
      const machine = { provider: "existing", bootstrap: "none", trustOnFirstUse: true };
      return [name, { ...machine, address: address(name), tags }];
    });
    fixture.configure(Object.fromEntries(hosts), { "hcloud:token": "" });
  };
  const ask = (question: string) =>
    onHost(fixture, "monitor", "curl", "-sSf", `http://127.0.0.1:9090/api/v1/${question}`);
  const targets = async () =>
    scrapeTargets(await ask("targets")).map(({ host, url, health }) => `${host} ${url} ${health}`);
  const deployments = ({ changes }: EngineRun) =>
    Object.keys(changes)
      .filter((name) => name.endsWith("-deployment-run"))
      .sort();

  beforeAll(async () => {
    fixture = await createStack();
    await createNixosMachines(fixture, names, 40);
    await addMonitoring(fixture.project);
    configure(["web", "db"]);
  });
  afterAll(() => fixture?.close());

  it("scrapes every host with the tag, at the address that the facts name", {
    timeout: 600_000,
  }, async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    await expect
      .poll(targets, { timeout: 120_000, interval: 500 })
      .toEqual(["db", "web"].map((name) => `${name} http://${address(name)}:9100/metrics up`));
  });

  it("gets the hosts' own figures", async () => {
    const names = async () => {
      const { data } = seriesSchema.parse(JSON.parse(await ask("query?query=node_uname_info")));
      return data.result.map(({ metric }) => `${metric["host"]} ${metric["nodename"]}`).sort();
    };
    await expect.poll(names, { timeout: 60_000, interval: 500 }).toEqual(["db db", "web web"]);
  });

  it("is redeployed when a host loses the tag, and the hosts that keep it are not", async () => {
    configure(["web"]);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployments(run)).toEqual(["db-deployment-run", "monitor-deployment-run"]);
    await expect
      .poll(targets, { timeout: 120_000, interval: 500 })
      .toEqual([`web http://${address("web")}:9100/metrics up`]);
  });
});
