import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { testAddress } from "../addresses.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { askScaleway, scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";
import { expectUnchanged } from "./unchanged.ts";

/** One host at Scaleway beside one at Hetzner through its whole life, in order. */
describe("a stack over two clouds", () => {
  let fixture: StackFixture;
  let scaleway: ScalewayCloud;
  let life: Awaited<ReturnType<typeof lifeOf>>;
  const zone = "pl-waw-2";

  beforeAll(async () => {
    fixture = await createStack();
    scaleway = await startScalewayBeside(fixture);
    configure({});
  });
  afterAll(async () => {
    await scaleway?.close();
    await fixture?.close();
  });

  function configure(web: object, db: object | null = {}): void {
    const atScaleway = { provider: "scaleway", zone, image: "debian-12", firewall: { tcp: [80] }, ...web };
    fixture.configure({ web: atScaleway, ...(db === null ? {} : { db }) }, scalewayConfig(scaleway));
  }

  function stateOf(...options: string[]): string {
    const { environment, folder } = fixture.project;
    const command = ["stack", "export", "--stack", "test", ...options];
    return execFileSync("pulumi", command, { cwd: folder, env: { ...environment }, encoding: "utf8" });
  }

  const kinds = () => scaleway.inventory().map(({ kind }) => kind);
  const changing = () =>
    scaleway.journal
      .entries()
      .filter(({ method }) => method !== "GET")
      .map(
        ({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, "ID").replace(/^.*zones\//, "")}`,
      );

  it("creates, installs and deploys both with the first up", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(kinds()).toEqual(["servers", "ips", "ips", "security_groups", "volumes", "ssh_keys"]);
    const { address, system, id } = await fixture.host("web");
    expect([address, id.startsWith(`${zone}/`)]).toEqual([testAddress(10), true]);
    expect(await pageOf(address)).toBe("Hello from web, version 1");
    life = await lifeOf(fixture, "web");
    expect(life.system).toBe(system);
    expect((await lifeOf(fixture, "db")).system).toBe((await fixture.host("db")).system);
  });

  it("changes nothing with the second up, and asks neither cloud anything", async () => {
    scaleway.journal.clear();
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect([...scaleway.journal.entries(), ...fixture.cloud.journal.entries()]).toEqual([]);
  });

  it("shows no difference on refresh, which only reads", async () => {
    scaleway.journal.clear();
    expect((await fixture.refresh()).ok).toBe(true);
    expect(changing()).toEqual([]);
    expectUnchanged(await fixture.preview());
  });

  it("keeps the bootstrap key out of the state in clear, also as the refresh has read it back", () => {
    expect(stateOf("--show-secrets")).toContain("#cloud-config");
    expect(stateOf()).not.toContain("#cloud-config");
  });

  it("opens ports, is protected and gives its IPv6 away in place, whatever image it would have today", async () => {
    const before = await fixture.host("web");
    const firewall = { tcp: [80, "8000-8010"], udp: [53] };
    configure({ firewall, deleteProtection: true, ipv6: false, image: "debian-13" });
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({ ok: true, output: expect.any(String) });
    expect(run.changes).toEqual({
      "web-firewall": "update",
      "web-instance": "update",
      "web-ipv6": "delete",
    });
    expect(await fixture.host("web")).toEqual({ ...before, ipv6: null });
    expect(await lifeOf(fixture, "web")).toEqual(life);
  });

  it("takes another type in place, with its disk, larger now, and all that is on it", async () => {
    configure({ instanceType: "DEV1-L", rootVolume: 30 });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({ "web-instance": "update", "web-ipv6": "create" });
    const after = await lifeOf(fixture, "web");
    expect(after).toMatchObject({ installId: life.installId, system: life.system });
    expect(after.bootId).not.toBe(life.bootId);
  });

  it("is made, installed and deployed anew after somebody deleted it by hand", async () => {
    configure({});
    const before = await fixture.host("web");
    const [server] = scaleway.inventory();
    await askScaleway(scaleway, `/instance/v1/zones/${zone}/servers/${server?.id}/action`, {
      action: "terminate",
    });
    await expect.poll(kinds, { timeout: 60_000 }).not.toContain("servers");
    expect((await fixture.refresh()).ok).toBe(true);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const after = await fixture.host("web");
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ address: before.address, hostPublicKey: before.hostPublicKey });
    expect(await pageOf(after.address)).toBe("Hello from web, version 1");
  });

  it("leaves two empty clouds after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    // The disk of the server that was deleted by hand: Scaleway keeps it, and nobody here knows of it.
    expect(kinds()).toEqual(["volumes"]);
    expect([...scaleway.journal.unexpected(), ...fixture.cloud.journal.unexpected()]).toEqual([]);
  });
});
