import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";

/** Hosts come, go and change their names; the others never notice. */
describe("the list of hosts", () => {
  let fixture: StackFixture;
  let webLife: Awaited<ReturnType<typeof lifeOf>>;

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: {} });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    webLife = await lifeOf(fixture, "web");
  });
  afterAll(() => fixture.close());

  const namesOf = (changes: Readonly<Record<string, string>>) => Object.keys(changes).sort();
  const partsOf = (host: string) =>
    [
      host,
      ...["bootstrap-key", "deployment", "deployment-run", "firewall", "host-key", "identity", "install"],
      ...["install-run", "instance", "ipv4", "ipv6", "server"],
    ]
      .map((part) => (part === host ? host : `${host}-${part}`))
      .sort();

  it("lets a failing server fail alone", async () => {
    fixture.configure({ web: {}, db: {} });
    fixture.cloud.faults.add({
      method: "POST",
      path: "/servers",
      effect: { kind: "response", status: 412, code: "placement_error", message: "no host has room" },
    });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("no host has room");
    expect(namesOf(run.changes).filter((name) => name.startsWith("web"))).toEqual([]);
    expect(await lifeOf(fixture, "web")).toEqual(webLife);
  });

  it("adds a host without touching another", async () => {
    const preview = await fixture.preview();
    expect(namesOf(preview.changes).filter((name) => name.startsWith("web"))).toEqual([]);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(namesOf(run.changes).filter((name) => name.startsWith("web"))).toEqual([]);
    expect(await lifeOf(fixture, "web")).toEqual(webLife);
    expect((await lifeOf(fixture, "db")).name).toBe("db");
  });

  it("works on one target, although another host would change as well", async () => {
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    fixture.project.editHosts("db/default.nix", "{\n", '{\n  environment.etc."note".text = "changed";\n');
    const target = [
      "urn:pulumi:test::pulumi-nixos::nixos:index:Host$nixos:index:NixosDeployment$command:local:Command::web-deployment-run",
    ];
    const run = await fixture.up({ target });
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect((await fixture.preview()).changes).toEqual({ "db-deployment-run": "replace" });
    await fixture.up();
    webLife = await lifeOf(fixture, "web");
  });

  it("renames a host in place", async () => {
    const before = await fixture.host("web");
    fixture.configure({ shop: { aliases: ["web"], flake: "./hosts#web" }, db: {} });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const replaced = Object.entries(run.changes).filter(([, op]) =>
      ["create", "delete", "replace"].includes(op),
    );
    expect(replaced.map(([name]) => name)).toEqual([]);
    const after = await fixture.host("shop");
    expect(after).toMatchObject({
      id: before.id,
      address: before.address,
      hostPublicKey: before.hostPublicKey,
    });
    const life = await lifeOf(fixture, "shop");
    expect(life).toMatchObject({ installId: webLife.installId, bootId: webLife.bootId });
  });

  it("redeploys a renamed host in place", async () => {
    fixture.project.editHosts("web/default.nix", "version 2", "version 3");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "shop-deployment-run": "replace" });
    expect(await lifeOf(fixture, "shop")).toMatchObject({ name: "shop", installId: webLife.installId });
  });

  it("refuses to remove a protected host, and removes it in a second explicit step", async () => {
    fixture.configure({ shop: { aliases: ["web"], flake: "./hosts#web" }, db: { protect: true } });
    expect((await fixture.up()).ok).toBe(true);
    fixture.configure({ shop: { aliases: ["web"], flake: "./hosts#web" } });
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    expect(refused.output).toMatch(/protected/);
    expect((await lifeOf(fixture, "shop")).installId).toBe(webLife.installId);

    fixture.configure({ shop: { aliases: ["web"], flake: "./hosts#web" }, db: { protect: false } });
    expect((await fixture.up()).ok).toBe(true);
    fixture.configure({ shop: { aliases: ["web"], flake: "./hosts#web" } });
    const removed = await fixture.up();
    expect(removed.ok, removed.output).toBe(true);
    expect(namesOf(removed.changes)).toEqual(partsOf("db"));
    expect(fixture.cloud.inventory().map(({ name }) => name)).not.toContain("db");
  });
});
