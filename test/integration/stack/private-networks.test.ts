import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fleetHosts, fleetNetworks, layOutFleet, scrapeTargets } from "../../demo/monitored-fleet.ts";
import { machineProgram } from "../../harness/machines/machine-programs.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** The hosts of `npm run demo -- fleet`: db listens at its private address only, web's page has what db answers there. In order. */
describe("a stack with a private network", () => {
  let fixture: StackFixture;
  const networks = { "fleet:networks": fleetNetworks };
  const wider = { "fleet:networks": { internal: { ...fleetNetworks.internal, range: "10.0.0.0/15" } } };
  const { web, db, monitor } = fleetHosts;
  // Prometheus is not everywhere to be had.
  const watching = machineProgram("prometheus") === undefined ? {} : { monitor };
  const moved = { ...db, networks: { internal: "10.0.1.5" } };

  beforeAll(async () => {
    fixture = await createStack();
    await layOutFleet(fixture.project);
    fixture.configure({ web, db }, networks);
  });
  afterAll(() => fixture?.close());

  /** Cards of the servers in private networks, by name, as the cloud has them. */
  async function cards(): Promise<Record<string, { ip: string; mac_address: string }[]>> {
    const answer = await fetch(`${fixture.cloud.endpoint}/servers`, {
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    const { servers } = (await answer.json()) as {
      servers: { name: string; private_net: { ip: string; mac_address: string }[] }[];
    };
    return Object.fromEntries(servers.map((server) => [server.name, server.private_net]));
  }

  async function addresses(): Promise<Record<string, string[]>> {
    return Object.fromEntries(
      Object.entries(await cards()).map(([name, own]) => [name, own.map(({ ip }) => ip)]),
    );
  }

  const webPage = async () => await pageOf((await fixture.host("web")).address);

  it("is previewed with the systems that hang on private addresses", async () => {
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({
      "network-internal-network": "create",
      "network-internal-subnet": "create",
      "web-network-internal": "create",
      "db-network-internal": "create",
    });
    // What web says of db is known: it waits for nothing that db does not wait for.
    expect([...new Set(run.output.match(/unknown until .*/g))].map((text) => text.slice(0, 36))).toEqual([
      "unknown until the deploy key exists",
    ]);
  });

  it("puts each host into it at its address before the install, and deploys what is made of it", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.created.indexOf("web-network-internal")).toBeLessThan(run.created.indexOf("web-install-run"));
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.3"] });
    expect(await webPage()).toBe("Hello from web. db at 10.0.1.3 says: 3 rows");
  });

  it("has the servers' cards on a wire of their own, with the addresses that the cloud gives", async () => {
    for (const [host, own] of Object.entries(await cards())) {
      const [{ ip, mac_address: mac } = { ip: "none", mac_address: "none" }] = own;
      const said = await onHost(
        fixture,
        host,
        "sh",
        "-c",
        "ip -o address show eth1; ip link show eth1; ip route",
      );
      for (const text of [` ${mac} `, ` ${ip}/32 `, "10.0.0.0/16 via 10.0.0.1 dev eth1"])
        expect(said).toContain(text);
    }
    const { address } = await fixture.host("db");
    for (const closed of [address, "10.0.1.3"])
      await expect(
        fetch(`http://${closed}:5432/`, { signal: AbortSignal.timeout(30_000) }),
      ).rejects.toThrow();
  });

  it("changes nothing with the second up, asks the cloud nothing, and shows no difference on refresh", async () => {
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expectUnchanged(await fixture.refresh());
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("gives a host another address in place, and tells the others", async () => {
    const before = await lifeOf(fixture, "db");
    fixture.configure({ web, db: moved }, networks);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "db-network-internal": "replace",
      "db-deployment-run": "replace",
      "web-deployment-run": "replace",
    });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.5"] });
    expect(await lifeOf(fixture, "db")).toEqual({
      ...before,
      system: expect.not.stringMatching(before.system),
    });
    expect(await webPage()).toBe("Hello from web. db at 10.0.1.5 says: 3 rows");
  });

  it("lets a host leave and join again in place", async () => {
    const before = await lifeOf(fixture, "web");
    fixture.configure({ web: { ...web, networks: {} }, db: moved }, networks);
    expect((await fixture.up()).changes).toEqual({ "web-network-internal": "delete" });
    expect((await addresses())["web"]).toEqual([]);
    expect(await onHost(fixture, "web", "ip", "-o", "link")).not.toContain("eth1");
    expect(await webPage()).toMatch(/db at 10\.0\.1\.5 says: curl: /);
    fixture.configure({ web, db: moved }, networks);
    expect((await fixture.up()).changes).toEqual({ "web-network-internal": "create" });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.5"] });
    expect(await lifeOf(fixture, "web")).toEqual(before);
    expect(await webPage()).toBe("Hello from web. db at 10.0.1.5 says: 3 rows");
  });

  it("makes a network of another range anew, and its hosts leave and join", async () => {
    fixture.configure({ web, db: moved }, wider);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "network-internal-network": "replace",
      "network-internal-subnet": "replace",
      "web-network-internal": "replace",
      "db-network-internal": "replace",
    });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.5"] });
    expect(await webPage()).toBe("Hello from web. db at 10.0.1.5 says: 3 rows");
  });

  it("is joined by a new server in a host's place, at its address, and by a Prometheus: both reach, and are reached", async () => {
    const before = { db: await fixture.host("db"), web: await lifeOf(fixture, "web") };
    const { deployment } = await fixture.exportStack();
    const resources: { urn: string }[] = deployment.resources;
    const { urn = "" } = resources.find((resource) => resource.urn.endsWith("::db-instance")) ?? {};
    fixture.configure({ web, db: moved, ...watching }, wider);
    const run = await fixture.up({ replace: [urn] });
    expect(run.ok, run.output).toBe(true);
    expect((await fixture.host("db")).id).not.toBe(before.db.id);
    expect(await lifeOf(fixture, "web")).toEqual({ ...before.web, system: expect.any(String) });
    expect(await webPage()).toBe("Hello from web. db at 10.0.1.5 says: 3 rows");
    if (watching.monitor === undefined) return;
    const targets = async () =>
      scrapeTargets(
        await onHost(fixture, "monitor", "curl", "-sSf", "http://127.0.0.1:9090/api/v1/targets"),
      ).map(({ host, url, health }) => `${host} ${url} ${health}`);
    await expect
      .poll(targets, { timeout: 120_000, interval: 500 })
      .toEqual([
        "db http://10.0.1.5:9100/metrics up",
        "monitor http://10.0.1.4:9100/metrics up",
        "web http://10.0.1.2:9100/metrics up",
      ]);
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});
