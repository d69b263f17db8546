import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";
import { MemoryMachineFactory } from "../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../harness/cloud/scaleway/cloud.ts";
import { Client } from "../../harness/cloud/scaleway/client.ts";

const bin = path.join(packageRoot(), "cli", "bin.mjs");

/** As the Pulumi program runs it: a process of its own, told everything on its standard input. */
describe("the command that attaches volumes", () => {
  let machines: MemoryMachineFactory;
  let cloud: ScalewayCloud;
  let spec: Record<string, unknown>;

  beforeEach(async () => {
    machines = new MemoryMachineFactory();
    cloud = await startScalewayCloud({ machines, actionMs: 5 });
    const client = new Client(cloud);
    const server = await client.newServer();
    await client.act(server, "poweron", "running");
    const volume = await client.newVolume(10);
    const { apiUrl, secretKey } = cloud.access;
    spec = {
      ...{ version: 1, cloud: "scaleway", host: "db", volume: "data", endpoint: apiUrl, secretKey },
      ...{ serverId: `fr-par-1/${server}`, volumeId: `fr-par-1/${volume}`, timeoutSeconds: 60 },
    };
  });
  afterEach(() => cloud.close());

  async function run(command: string, change: object = {}) {
    const input = JSON.stringify({ ...spec, ...change });
    const { exitCode, stdout, stderr } = await execa(process.execPath, [bin, "internal", command], {
      reject: false,
      input,
    });
    return { exitCode, stdout, stderr };
  }

  const disks = () => [...machines.machines.values()].flatMap((machine) => [...machine.volumes.keys()]);

  it("attaches and detaches, and says so", async () => {
    const done = { exitCode: 0, stdout: '{"host":"db","volume":"data"}' };
    expect(await run("attach-volume")).toMatchObject(done);
    expect(disks()).toEqual([String(spec["volumeId"]).slice("fr-par-1/".length)]);
    expect(await run("detach-volume")).toMatchObject(done);
    expect(disks()).toEqual([]);
  }, 60_000);

  it("names host and volume when it fails, and shows no key", async () => {
    const { exitCode, stdout, stderr } = await run("attach-volume", { secretKey: "not the key" });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain('db: volume "data", Scaleway: read an instance failed');
    expect(stderr).not.toContain("not the key");
  }, 60_000);
});
