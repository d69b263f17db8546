import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../../runtime/pulumi/outputs.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** A host whose server may stand in three locations, of which one has none left and one refuses. In order. */
describe("a host with several locations", () => {
  let fixture: StackFixture;
  const web = {
    locations: ["nbg1", "fsn1", "hel1"],
    protect: true,
    deleteProtection: true,
    volumes: { data: { size: 10 } },
  };

  beforeAll(async () => {
    fixture = await createStack({ soldOut: [{ serverType: "cx23", location: "nbg1" }] });
    fixture.configure({ web });
  });
  afterAll(() => fixture?.close());

  /** Locations of all that has one. */
  async function locations(): Promise<string[]> {
    const { deployment } = await fixture.exportStack();
    const resources: { type: string; inputs?: { location?: string } }[] = deployment.resources;
    const found = resources.flatMap(({ type, inputs }) =>
      inputs?.location === undefined ? [] : [`${type.split(":").at(-1)} ${inputs.location}`],
    );
    return [...new Set(found)].sort();
  }

  it("leaves one out that has no such server, and fails where the cloud refuses the next", async () => {
    fixture.cloud.faults.add({
      method: "POST",
      path: "/servers",
      effect: { kind: "response", status: 412, code: "resource_unavailable" },
    });
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(run.output).toContain("resource_unavailable");
    const { folder: projectRoot, environment } = fixture.project;
    const outputs = await readStackOutputs({ projectRoot, stack: "test", environment });
    expect(outputs).toMatchObject({ hosts: {}, unfinished: ["web"] });
    expect(await locations()).toEqual(["PrimaryIp fsn1", "Volume fsn1"]);
  });

  it("tries the one after that with the next up, and says so", async () => {
    const run = await fixture.up();
    expect(run.output).toContain(
      "web: its server was not made in fsn1; hel1 is tried now, with other addresses",
    );
    expect(run.ok, run.output).toBe(true);
    expect(await locations()).toEqual(["PrimaryIp hel1", "Server hel1", "Volume hel1"]);
    expect(fixture.cloud.inventory().length).toBeGreaterThan(0);
    expect((await lifeOf(fixture, "web")).system).toBe((await fixture.host("web")).system);
  });

  it("protects what it has from then on, and stays where it is", async () => {
    fixture.configure({ web: { ...web, locations: ["fsn1", "hel1", "nbg1"] } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).not.toContain("is tried now");
    expect(run.changes).toEqual({
      "web-ipv4": "update",
      "web-ipv6": "update",
      "web-volume-data": "update",
    });
    const { deployment } = await fixture.exportStack();
    const resources: { urn: string; protect?: boolean }[] = deployment.resources;
    for (const name of ["web-ipv4", "web-ipv6", "web-volume-data", "web-instance"])
      expect(resources.find(({ urn }) => urn.endsWith(`::${name}`))?.protect, name).toBe(true);
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("keeps its location, its addresses and its volume when its server was lost", async () => {
    fixture.configure({ web: { ...web, protect: false, deleteProtection: false } });
    expect((await fixture.up()).ok).toBe(true);
    const before = await fixture.host("web");
    const removed = await fetch(`${fixture.cloud.endpoint}/servers/${before.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    expect(removed.ok).toBe(true);
    expect((await fixture.refresh()).ok).toBe(true);
    expect((await locations()).filter((place) => !place.endsWith("hel1"))).toEqual([]);
    // Its address and its host key are known, and nobody is there to be looked at.
    const preview = await fixture.preview();
    expect(preview.changes).toMatchObject({ "web-instance": "create" });
    expect(preview.output).not.toContain("not checked");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await locations()).toEqual(["PrimaryIp hel1", "Server hel1", "Volume hel1"]);
    const after = await fixture.host("web");
    expect(after).toMatchObject({ address: before.address, hostPublicKey: before.hostPublicKey });
    expect(after.id).not.toBe(before.id);
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});
