import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";
import { expectUnchanged } from "./unchanged.ts";

const stateSchema = z.array(
  z.object({
    urn: z.string(),
    type: z.string(),
    protect: z.boolean().optional(),
    inputs: z.object({ zone: z.string().optional() }).optional(),
  }),
);

/** A host whose instance may stand in three zones, of which one has none left and one refuses. In order. */
describe("a host with several zones", () => {
  let fixture: StackFixture;
  let cloud: ScalewayCloud;
  const web = {
    provider: "scaleway",
    zones: ["fr-par-1", "fr-par-2", "pl-waw-2"],
    image: "debian-12",
    placementGroup: "spread",
    protect: true,
    volumes: { data: { size: 10 } },
  };

  beforeAll(async () => {
    fixture = await createStack();
    cloud = await startScalewayBeside(fixture, { soldOut: [{ type: "DEV1-M", zone: "fr-par-1" }] });
    configure(web);
  });
  afterAll(async () => {
    await cloud?.close();
    await fixture?.close();
  });

  function configure(host: object): void {
    const networks = { internal: { provider: "scaleway", subnet: "172.16.8.0/22", region: "pl-waw" } };
    fixture.configure({ web: host }, { "fleet:networks": networks, ...scalewayConfig(cloud) });
  }

  async function resources(): Promise<z.output<typeof stateSchema>> {
    const { deployment } = await fixture.exportStack();
    return stateSchema.parse(deployment.resources);
  }

  /** Zones of all that has one. */
  async function zones(): Promise<string[]> {
    const found = (await resources()).flatMap(({ type, inputs }) =>
      inputs?.zone === undefined ? [] : [`${type.split(":").at(-1)} ${inputs.zone}`],
    );
    return [...new Set(found)].sort();
  }

  const allIn = (zone: string) =>
    ["Ip", "PlacementGroup", "SecurityGroup", "Server", "Volume"].map((kind) => `${kind} ${zone}`);

  const reserved = () => cloud.inventory().filter(({ kind }) => kind === "reserved_addresses");

  it("leaves one out that has no such instance, and fails where the cloud refuses the next", async () => {
    cloud.faults.add({
      method: "POST",
      path: "/instance/v1/zones/fr-par-2/servers",
      effect: { kind: "response", status: 412, code: "precondition_failed" },
    });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("precondition");
    expect(await zones()).toEqual(allIn("fr-par-2").filter((each) => !each.startsWith("Server")));
  });

  it("tries the one after that with the next up, and says so", async () => {
    const run = await fixture.up();
    expect(run.output).toContain(
      "web: its server was not made in fr-par-2; pl-waw-2 is tried now, with other addresses",
    );
    expect(run.ok, run.output).toBe(true);
    expect(await zones()).toEqual(allIn("pl-waw-2"));
    expect((await lifeOf(fixture, "web")).system).toBe((await fixture.host("web")).system);
  });

  it("protects what it has from then on, and stays where it is, in whatever order its zones are named", async () => {
    configure({ ...web, zones: ["fr-par-2", "pl-waw-2", "fr-par-1"] });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).not.toContain("is tried now");
    const found = await resources();
    for (const name of ["web-ipv4", "web-volume-data", "web-instance"])
      expect(found.find(({ urn }) => urn.endsWith(`::${name}`))?.protect, name).toBe(true);
    cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(cloud.journal.entries()).toEqual([]);
    expect(await zones()).toEqual(allIn("pl-waw-2"));
  });

  it("is not moved to another zone while it is protected, and nothing is changed before that is found", async () => {
    configure({ ...web, zones: undefined, zone: "pl-waw-3" });
    cloud.journal.clear();
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toMatch(/unable to replace resource ".*web-(ipv4|ipv6|volume-data|instance)"/);
    expect(cloud.journal.entries().filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("is made anew in another zone, where its private address is the same", async () => {
    const open = { ...web, zones: undefined, protect: false, networks: { internal: "172.16.8.3" } };
    const named = { ...open, reverseDns: { ipv6: "web.example.org" } };
    configure({ ...named, zone: "pl-waw-2" });
    expect((await fixture.up()).ok).toBe(true);
    const [before, life, kept] = [await fixture.host("web"), await lifeOf(fixture, "web"), reserved()];
    configure({ ...named, zone: "pl-waw-3" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({ "web-instance": "replace", "web-ipv6-rdns": "replace" });
    expect(await zones()).toEqual([...allIn("pl-waw-3"), "PrivateNic pl-waw-3"].sort());
    const after = await fixture.host("web");
    expect(after.address).not.toBe(before.address);
    expect(after.hostPublicKey).toBe(before.hostPublicKey);
    expect((await lifeOf(fixture, "web")).installId).not.toBe(life.installId);
    expect([reserved(), kept]).toEqual([kept, [expect.objectContaining({ name: "172.16.8.3" })]]);
    const left = cloud.inventory().map(({ kind }) => kind);
    expect(left.filter((kind) => ["servers", "security_groups", "placement_groups"].includes(kind))).toEqual([
      "servers",
      "security_groups",
      "placement_groups",
    ]);
    expect(left.filter((kind) => kind === "volumes" || kind === "ips")).toEqual([
      ...["ips", "ips"],
      ...["volumes", "volumes"],
    ]);
    expectUnchanged(await fixture.up());
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(cloud.inventory()).toEqual([]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });
});
