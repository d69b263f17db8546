import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { testAddress } from "../addresses.ts";
import { createStack, type EngineRun, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";

/** What surrounds an instance at Scaleway and outlives it, through the life of a stack, in order. */
describe("a host at Scaleway with all that surrounds it", () => {
  let fixture: StackFixture;
  let cloud: ScalewayCloud;
  let first: EngineRun;
  const address = testAddress(10);
  const networks = { internal: { provider: "scaleway", subnet: "172.16.8.0/22", region: "pl-waw" } };
  const atScaleway = {
    provider: "scaleway",
    zone: "pl-waw-2",
    image: "debian-12",
    ipv6: false,
    firewall: { tcp: [80] },
  };
  const surrounded = {
    networks: { internal: "172.16.8.3" },
    reverseDns: "web.example.org",
    placementGroup: "spread",
    volumes: { data: { size: 10 } },
  };

  let web: object = { ...atScaleway, ...surrounded };

  beforeAll(async () => {
    fixture = await createStack();
    cloud = await startScalewayBeside(fixture);
    const fact = "config.fleet.hosts.web.volumes.data.device";
    fixture.project.editHosts("web/default.nix", "{\n", "{ config, ... }: {\n");
    fixture.project.editHosts("web/default.nix", "version 1", `version 1 with \${${fact}}`);
    cloud.names.set("web.example.org", address);
    cloud.names.set("www.example.org", address);
    configure();
  });
  afterAll(async () => {
    await cloud?.close();
    await fixture?.close();
  });

  /** Every setting stays as it was given last. */
  function configure(change: object = {}, stack: object = networks): void {
    web = { ...web, ...change };
    fixture.configure(
      { web },
      {
        "fleet:networks": stack,
        ...scalewayConfig(cloud),
      },
    );
  }

  const named = (kind: string) =>
    cloud
      .inventory()
      .filter((item) => item.kind === kind)
      .map(({ name }) => name);

  const volume = () =>
    cloud.inventory().find(({ kind, name }) => kind === "volumes" && name === "web-data")?.id;

  const device = () => `/dev/disk/by-id/scsi-0SCW_sbs_volume-${volume()}`;

  const shell = (script: string) => onHost(fixture, "web", "sh", "-c", script);

  const serverId = () => cloud.inventory().find(({ kind }) => kind === "servers")?.id;

  /** What the API says of something. */
  async function ask(path: string, body?: object): Promise<unknown> {
    const { apiUrl, secretKey } = cloud.access;
    const response = await fetch(`${apiUrl}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "x-auth-token": secretKey, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${path}: ${response.status}`).toBe(true);
    return await response.json();
  }

  async function reverse(): Promise<unknown> {
    const ip = cloud.inventory().find(({ kind }) => kind === "ips")?.id;
    return await ask(`/instance/v1/zones/pl-waw-2/ips/${ip}`);
  }

  it("is made with the first up, all of it before the install", async () => {
    first = await fixture.up();
    const run = first;
    expect(run.ok, run.output).toBe(true);
    expect(run.created.indexOf("web-network-internal")).toBeLessThan(run.created.indexOf("web-install-run"));
    expect([named("private_networks"), named("reserved_addresses")]).toEqual([
      [expect.stringMatching(/-test-internal$/)],
      ["172.16.8.3"],
    ]);
    expect(named("private_nics")).toHaveLength(1);
    expect(await shell("ip -4 -o address show eth1")).toContain(" 172.16.8.3/22 ");
    expect(await reverse()).toMatchObject({ ip: { reverse: "web.example.org" } });
    expect(named("placement_groups")).toEqual([expect.stringMatching(/-test-spread$/)]);
    expect(await ask(`/instance/v1/zones/pl-waw-2/servers/${serverId()}`)).toMatchObject({
      server: { placement_group: { policy_type: "max_availability" } },
    });
  });

  it("has its volume under the name that it knows, attached between install and deployment", async () => {
    const { created } = first;
    const attached = created.indexOf("web-volume-data-attachment");
    expect(attached).toBeGreaterThan(created.indexOf("web-install-run"));
    expect(attached).toBeLessThan(created.indexOf("web-deployment-run"));
    expect(await pageOf(address)).toBe(`Hello from web, version 1 with ${device()}`);
    await shell(`printf precious | dd of=${device()} conv=notrunc status=none && sync`);
  });

  it("changes nothing with the second up, asks nothing, and shows no difference on refresh", async () => {
    cloud.journal.clear();
    expect(await fixture.up()).toMatchObject({ ok: true, changes: {} });
    expect(cloud.journal.entries()).toEqual([]);
    expect(await fixture.refresh()).toMatchObject({ ok: true, changes: {} });
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("takes another reverse name in place", async () => {
    configure({ reverseDns: "www.example.org" });
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({ ok: true, changes: { "web-ipv4-name": "update" } });
    expect(await reverse()).toMatchObject({ ip: { reverse: "www.example.org" } });
  });

  it("lets a volume grow in place, at the instance", async () => {
    configure({ volumes: { data: { size: 20 } } });
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({ ok: true, changes: { "web-volume-data": "update" } });
    expect(await shell(`head -c 8 ${device()}`)).toBe("precious");
  });

  it("takes a further volume while it runs, and lets it go again", async () => {
    const before = await lifeOf(fixture, "web");
    configure({ volumes: { data: { size: 20 }, logs: { size: 10 } } });
    expect((await fixture.up()).changes).toEqual({
      "web-volume-logs": "create",
      "web-volume-logs-attachment": "create",
    });
    expect(await shell("ls /dev/disk/by-id | grep -c SCW")).toBe("2");
    configure({ volumes: { data: { size: 20 } } });
    expect((await fixture.up()).changes).toEqual({
      "web-volume-logs": "delete",
      "web-volume-logs-attachment": "delete",
    });
    expect(await shell("ls /dev/disk/by-id | grep -c SCW")).toBe("1");
    expect(await lifeOf(fixture, "web")).toEqual(before);
  });

  it("takes another private address without touching the instance", async () => {
    const before = await lifeOf(fixture, "web");
    configure({ networks: { internal: "172.16.8.4" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({
      "web-private-address-internal": "replace",
      "web-network-internal": "replace",
    });
    expect(named("reserved_addresses")).toEqual(["172.16.8.4"]);
    expect(await shell("ip -4 -o address show eth1")).toContain(" 172.16.8.4/22 ");
    expect(await lifeOf(fixture, "web")).toEqual(before);
  });

  it("moves to a network of another subnet", async () => {
    const other = { internal: { ...networks.internal, subnet: "172.16.16.0/22" } };
    configure({ networks: { internal: "172.16.16.3" } }, other);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({ "network-internal-range": "replace" });
    expect([named("private_networks").length, named("reserved_addresses")]).toEqual([1, ["172.16.16.3"]]);
    expect(await shell("ip -4 -o address show")).toMatch(/eth1 +inet 172\.16\.16\.3\/22 /);
  });

  it("stays when the instance is deleted by hand and made anew", async () => {
    const [before, host] = [serverId(), await fixture.host("web")];
    await ask(`/instance/v1/zones/pl-waw-2/servers/${before}/action`, { action: "terminate" });
    await expect.poll(serverId, { timeout: 60_000 }).toBeUndefined();
    expect((await fixture.refresh()).ok).toBe(true);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(serverId()).not.toBe(before);
    expect((await fixture.host("web")).address).toBe(host.address);
    expect(named("reserved_addresses")).toEqual(["172.16.16.3"]);
    expect(named("private_nics")).toHaveLength(1);
    expect(await reverse()).toMatchObject({ ip: { reverse: "www.example.org" } });
    expect(await shell(`head -c 8 ${device()}`)).toBe("precious");
  });

  it("leaves nothing but the disk of the instance that was deleted by hand", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(cloud.inventory().map(({ kind }) => kind)).toEqual(["volumes"]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });
});
