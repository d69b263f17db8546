import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { testAddress } from "../addresses.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { awaitMount, mountVolume } from "./mounted-volume.ts";
import { askScaleway, reverseNames, scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";
import type { EngineRun } from "./test-stack.ts";
import { expectUnchanged } from "./unchanged.ts";

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
    firewall: { tcp: [80] },
  };
  const surrounded = {
    networks: { internal: "172.16.8.3" },
    reverseDns: { ipv4: "web.example.org" },
    placementGroup: "spread",
    volumes: { data: { size: 10 } },
  };

  let web: object = { ...atScaleway, ...surrounded };
  let inForce: object = networks;

  beforeAll(async () => {
    fixture = await createStack();
    cloud = await startScalewayBeside(fixture);
    await mountVolume(fixture.project);
    cloud.names.set("web.example.org", address);
    cloud.names.set("www.example.org", address);
    configure();
  });
  afterAll(async () => {
    await cloud?.close();
    await fixture?.close();
  });

  /** Every setting stays as it was given last. */
  function configure(change: object = {}, stack = inForce, name = "web"): void {
    web = { ...web, ...change };
    inForce = stack;
    fixture.configure({ [name]: web }, { "fleet:networks": inForce, ...scalewayConfig(cloud) });
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

  const ask = (path: string, body?: object) => askScaleway(cloud, path, body);

  const names = () => reverseNames(cloud, "pl-waw-2");

  /** Somebody leads a name to the instance's IPv6 address. */
  async function lead(name: string): Promise<void> {
    const { ipv6 } = await fixture.host("web");
    cloud.names.set(name, ipv6 ?? "none");
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
    expect(await names()).toEqual({ ipv4: "web.example.org", ipv6: null });
    expect(named("placement_groups")).toEqual([expect.stringMatching(/-test-spread$/)]);
    expect(await ask(`/instance/v1/zones/pl-waw-2/servers/${serverId()}`)).toMatchObject({
      server: { placement_group: { policy_type: "max_availability" } },
    });
  });

  it("has its volume under the name that it knows, attached between install and deployment, and mounts it", async () => {
    const { created } = first;
    const attached = created.indexOf("web-volume-data-attachment");
    expect(attached).toBeGreaterThan(created.indexOf("web-install-run"));
    expect(attached).toBeLessThan(created.indexOf("web-deployment-run"));
    expect(await pageOf(address)).toBe(`Hello from web, version 1 with ${device()}`);
    await awaitMount(fixture, "web");
    await shell("printf precious >/srv/data/note && sync /srv/data/note");
  });

  it("takes another name of its IPv4 address, and one of its IPv6 address, in place", async () => {
    await lead("web6.example.org");
    configure({ reverseDns: { ipv4: "www.example.org", ipv6: "web6.example.org" } });
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({
      ok: true,
      changes: { "web-ipv4-rdns": "update", "web-ipv6-rdns": "create" },
    });
    expect(await names()).toEqual({ ipv4: "www.example.org", ipv6: "web6.example.org" });
  });

  it("changes nothing with the second up, asks nothing, and shows no difference on refresh", async () => {
    cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(cloud.journal.entries()).toEqual([]);
    expect((await fixture.refresh()).ok).toBe(true);
    expectUnchanged(await fixture.preview());
  });

  it("lets a volume grow, leaves its placement group and takes another name, in place", async () => {
    const before = await lifeOf(fixture, "web");
    await lead("www6.example.org");
    configure({
      volumes: { data: { size: 20 } },
      placementGroup: undefined,
      reverseDns: { ipv4: "www.example.org", ipv6: "www6.example.org" },
    });
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({
      ok: true,
      changes: { "web-volume-data": "update", "web-instance": "update", "web-ipv6-rdns": "update" },
    });
    expect(named("placement_groups")).toEqual([]);
    expect(await names()).toEqual({ ipv4: "www.example.org", ipv6: "www6.example.org" });
    expect(await shell("cat /srv/data/note")).toBe("precious");
    expect(await lifeOf(fixture, "web")).toEqual(before);
  });

  it("is not made anew by a smaller volume, which would be blank", async () => {
    configure({ volumes: { data: { size: 19 } } });
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(false);
    expect(run.changes, run.output).toEqual({});
    expect(run.output).toContain("fleet:hosts.web.volumes.data.size: is less than the 20 GB");
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
    expect(run.changes).toMatchObject({ "network-internal-network": "replace" });
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
    // Another instance has another IPv6 address: its name leads elsewhere, and Scaleway drops it without a word.
    expect(await names()).toEqual({ ipv4: "www.example.org", ipv6: null });
    await awaitMount(fixture, "web");
    expect(await shell("cat /srv/data/note")).toBe("precious");
  });

  it("has its name again once the name leads to the new address", async () => {
    await lead("www6.example.org");
    const urns = (await fixture.exportStack()).deployment.resources as { urn: string }[];
    const urn = urns.find((resource) => resource.urn.endsWith("::web-ipv6-rdns"))?.urn ?? "";
    expect((await fixture.up({ replace: [urn] })).changes).toEqual({ "web-ipv6-rdns": "replace" });
    expect(await names()).toEqual({ ipv4: "www.example.org", ipv6: "www6.example.org" });
  });

  it("keeps all of it when the host is renamed, but for names that are not wanted any more", async () => {
    const [before, life] = [await fixture.host("web"), await lifeOf(fixture, "web")];
    configure({ aliases: ["web"], flake: "./hosts#web", reverseDns: undefined }, inForce, "shop");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const gone = Object.entries(run.changes).filter(([, op]) => op === "delete" || op === "replace");
    expect(gone.map(([name]) => name).sort()).toEqual(["web-ipv4-rdns", "web-ipv6-rdns"]);
    expect(await names()).toEqual({ ipv4: null, ipv6: null });
    const { id, address, ipv6, hostPublicKey } = before;
    expect(await fixture.host("shop")).toMatchObject({ id, address, ipv6, hostPublicKey });
    const { installId, bootId } = life;
    expect(await lifeOf(fixture, "shop")).toMatchObject({ installId, bootId });
  });

  it("leaves nothing but the disk of the instance that was deleted by hand", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(cloud.inventory().map(({ kind }) => kind)).toEqual(["volumes"]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });
});
