import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

interface PrimaryIp {
  readonly type: "ipv4" | "ipv6";
  readonly dns_ptr: readonly { readonly dns_ptr: string }[];
}

/** A host with all that belongs to its server at Hetzner beside it. In order. */
describe("a host with a volume, names of its addresses and a placement group", () => {
  let fixture: StackFixture;
  let device: string;
  const web = {
    firewall: { tcp: [80] },
    volumes: { data: { size: 10 } },
    placementGroup: "apart",
    reverseDns: "{host}.example.org",
    networks: { internal: "10.0.0.2" },
  };
  const grown = {
    volumes: { data: { size: 20 } },
    reverseDns: { ipv4: "www.example.org", ipv6: "web.example.org" },
  };
  const networks = { "fleet:networks": { internal: { range: "10.0.0.0/24" } } };
  const configure = (settings: object) => fixture.configure({ web: { ...web, ...settings } }, networks);

  beforeAll(async () => {
    fixture = await createStack();
    const fact = "config.fleet.hosts.web.volumes.data.device";
    fixture.project.editHosts("web/default.nix", "version 1", `data on \${${fact}}`);
    fixture.project.editHosts("web/default.nix", "{\n", "{ config, ... }: {\n");
    configure({});
  });
  afterAll(() => fixture?.close());

  async function asked<T>(what: string): Promise<T[]> {
    const answer = await fetch(`${fixture.cloud.endpoint}/${what}`, {
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    return ((await answer.json()) as Record<string, T[]>)[what] ?? [];
  }

  async function names(): Promise<Record<string, string[]>> {
    const ips = await asked<PrimaryIp>("primary_ips");
    return Object.fromEntries(ips.map((ip) => [ip.type, ip.dns_ptr.map((each) => each.dns_ptr)]));
  }

  const shell = (script: string) => onHost(fixture, "web", "sh", "-c", script);
  const note = () => shell(`head -c 13 ${device}`);

  it("waits in its first preview for the volume it names, and says so", async () => {
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({
      "web-volume-data": "create",
      "web-volume-data-attachment": "create",
      "web-ipv4-rdns": "create",
      "web-ipv6-rdns": "create",
      "placement-apart-group": "create",
    });
  });

  it("gets its volume after the install and before the deployment", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const order = ["web-install-run", "web-volume-data-attachment", "web-deployment-run"];
    expect(run.created.filter((name) => order.includes(name))).toEqual(order);
    const page = await pageOf((await fixture.host("web")).address);
    device = page.replace("Hello from web, data on ", "");
    expect(device).toMatch(/^\/dev\/disk\/by-id\/scsi-0HC_Volume_\d+$/);
    await shell(`printf 'worth keeping' | dd of=${device} conv=fsync,notrunc 2>/dev/null`);
    expect(await note()).toBe("worth keeping");
  });

  it("has addresses that lead back to its name, in a group of its own", async () => {
    expect(await names()).toEqual({ ipv4: ["web.example.org"], ipv6: ["web.example.org"] });
    const [group] = await asked<{ name: string; type: string; servers: number[] }>("placement_groups");
    expect(group).toMatchObject({ type: "spread", servers: [Number((await fixture.host("web")).id)] });
  });

  it("changes nothing with the second up, asks the cloud nothing, and shows no difference on refresh", async () => {
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expectUnchanged(await fixture.refresh());
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("gets a larger volume and another name in place", async () => {
    const before = await lifeOf(fixture, "web");
    configure(grown);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "web-volume-data": "update",
      "web-ipv4-rdns": "update",
    });
    expect(await names()).toEqual({ ipv4: ["www.example.org"], ipv6: ["web.example.org"] });
    expect(await asked("volumes")).toEqual([expect.objectContaining({ size: 20 })]);
    expect((await lifeOf(fixture, "web")).bootId).toBe(before.bootId);
    expect(await note()).toBe("worth keeping");
  });

  it("becomes a larger server in place, which runs again with its disk, and is deployed to", async () => {
    const before = { host: await fixture.host("web"), life: await lifeOf(fixture, "web") };
    configure({ ...grown, serverType: "cx33" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await fixture.host("web")).toEqual(before.host);
    const after = await lifeOf(fixture, "web");
    expect(after.bootId).not.toBe(before.life.bootId);
    expect(after.installId).toBe(before.life.installId);
    expect(await note()).toBe("worth keeping");
  });

  it("keeps data, addresses, their names and its identity when its server is replaced", async () => {
    const before = { host: await fixture.host("web"), volumes: await asked("volumes"), names: await names() };
    const { deployment } = await fixture.exportStack();
    const resources: { urn: string }[] = deployment.resources;
    const { urn = "" } = resources.find((resource) => resource.urn.endsWith("::web-instance")) ?? {};
    const replaced = await fixture.up({ replace: [urn] });
    expect(replaced.ok, replaced.output).toBe(true);
    const after = await fixture.host("web");
    expect(after.id).not.toBe(before.host.id);
    expect(after).toMatchObject({
      address: before.host.address,
      hostPublicKey: before.host.hostPublicKey,
    });
    expect(await names()).toEqual(before.names);
    const [volume] = await asked<{ id: number; server: number }>("volumes");
    expect(volume).toMatchObject({ server: Number(after.id) });
    expect(device).toContain(String(volume?.id));
    expect(await note()).toBe("worth keeping");
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});
