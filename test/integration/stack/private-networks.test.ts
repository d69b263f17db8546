import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";

/** Two hosts at Hetzner that know each other by private address. In order. */
describe("a stack with a private network", () => {
  let fixture: StackFixture;
  const range = { range: "10.0.0.0/16", subnet: "10.0.1.0/24" };
  const networks = { "fleet:networks": { internal: range } };
  const at = (address: string) => ({ networks: { internal: address } });
  const hosts = { web: { ...at("10.0.1.2"), firewall: { tcp: [80] } }, db: at("10.0.1.3") };

  beforeAll(async () => {
    fixture = await createStack();
    const db = "config.fleet.hosts.db.privateAddresses.internal";
    fixture.project.editHosts("web/default.nix", "version 1", `db at \${${db}}`);
    fixture.project.editHosts("web/default.nix", "{\n", "{ config, ... }: {\n");
    fixture.configure(hosts, networks);
  });
  afterAll(() => fixture?.close());

  /** Private addresses of the servers, by name, as the cloud has them. */
  async function addresses(): Promise<Record<string, string[]>> {
    const answer = await fetch(`${fixture.cloud.endpoint}/servers`, {
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    const { servers } = (await answer.json()) as {
      servers: { name: string; private_net: { ip: string }[] }[];
    };
    return Object.fromEntries(servers.map((server) => [server.name, server.private_net.map(({ ip }) => ip)]));
  }

  it("is previewed with the systems that hang on private addresses", async () => {
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({
      "network-internal-range": "create",
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
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, db at 10.0.1.3");
  });

  it("changes nothing with the second up, asks the cloud nothing, and shows no difference on refresh", async () => {
    fixture.cloud.journal.clear();
    expect(await fixture.up()).toMatchObject({ ok: true, changes: {} });
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expect(await fixture.refresh()).toMatchObject({ ok: true, changes: {} });
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("gives a host another address in place, and tells the others", async () => {
    const before = await lifeOf(fixture, "db");
    fixture.configure({ ...hosts, db: at("10.0.1.4") }, networks);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "db-network-internal": "replace", "web-deployment-run": "replace" });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.4"] });
    expect(await lifeOf(fixture, "db")).toEqual(before);
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, db at 10.0.1.4");
  });

  it("lets a host leave and join again in place", async () => {
    const before = await lifeOf(fixture, "web");
    fixture.configure({ web: { firewall: { tcp: [80] } }, db: at("10.0.1.4") }, networks);
    expect((await fixture.up()).changes).toEqual({ "web-network-internal": "delete" });
    expect((await addresses())["web"]).toEqual([]);
    fixture.configure({ ...hosts, db: at("10.0.1.4") }, networks);
    expect((await fixture.up()).changes).toEqual({ "web-network-internal": "create" });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.4"] });
    expect(await lifeOf(fixture, "web")).toEqual(before);
  });

  it("makes a network of another range anew, and its hosts leave and join", async () => {
    const wider = { "fleet:networks": { internal: { ...range, range: "10.0.0.0/15" } } };
    fixture.configure({ ...hosts, db: at("10.0.1.4") }, wider);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "network-internal-range": "replace",
      "network-internal-subnet": "replace",
      "web-network-internal": "replace",
      "db-network-internal": "replace",
    });
    expect(await addresses()).toEqual({ web: ["10.0.1.2"], db: ["10.0.1.4"] });
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});
