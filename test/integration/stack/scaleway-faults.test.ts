import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../harness/cloud/faults.ts";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";

/** What a host of this program gets over at Scaleway, and what the next update puts right. In order. */
describe("a host at a Scaleway that fails now and then", () => {
  let fixture: StackFixture;
  let cloud: ScalewayCloud;
  const servers = "/instance/v1/zones/*/servers";
  const networks = { internal: { provider: "scaleway", subnet: "172.16.8.0/22", region: "pl-waw" } };

  beforeAll(async () => {
    fixture = await createStack();
    cloud = await startScalewayBeside(fixture);
    configure({});
  });
  afterAll(async () => {
    await cloud?.close();
    await fixture?.close();
  });

  function configure(volumes: object): void {
    const web = { provider: "scaleway", zone: "pl-waw-2", image: "debian-12", ipv6: false, volumes };
    fixture.configure(
      { web: { ...web, networks: { internal: "172.16.8.3" } } },
      {
        "fleet:networks": networks,
        ...scalewayConfig(cloud),
      },
    );
  }

  function fail(path: string, status: number, code: string, times = 1): void {
    const effect: FaultRuleInput["effect"] = { kind: "response", status, code };
    cloud.faults.add({ method: "POST", path, times, effect });
  }

  const made = (kind: string) => cloud.inventory().filter((item) => item.kind === kind).length;

  it("is put right by refresh and up after a creation that stopped before the instance was started", async () => {
    fail(`${servers}/*/action`, 403, "permissions_denied");
    expect((await fixture.up()).ok).toBe(false);
    expect([made("servers"), made("private_nics")]).toEqual([1, 0]);
    expect((await fixture.refresh()).ok).toBe(true);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect([made("servers"), made("private_nics"), made("reserved_addresses")]).toEqual([1, 1, 1]);
  });

  it("keeps its life when a volume cannot be attached, which the next up does", async () => {
    const before = await lifeOf(fixture, "web");
    configure({ data: { size: 10 } });
    fail(`${servers}/*/attach-volume`, 403, "permissions_denied");
    const failed = await fixture.up();
    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/web: volume "data", Scaleway: attach a volume failed/);
    expect(failed.output).toContain("check scaleway:secretKey");
    const run = await fixture.up();
    expect(run, run.output).toMatchObject({ ok: true, changes: { "web-volume-data-attachment": "create" } });
    expect(made("volumes")).toBe(2);
    expect(await lifeOf(fixture, "web")).toEqual(before);
  });

  it("gets through a storm of 429 and 5xx on its way to another instance, with its address and its volume", async () => {
    const [before, address] = [await fixture.host("web"), cloud.inventory()];
    fail(servers, 429, "too_many_requests", 2);
    fail(`${servers}/*/action`, 503, "internal_error");
    fail(`${servers}/*/attach-volume`, 502, "bad_gateway", 2);
    fail(`${servers}/*/detach-volume`, 429, "too_many_requests", 2);
    fail("/instance/v2alpha1/zones/*/private-network-interfaces", 503, "internal_error");
    const urns = (await fixture.exportStack()).deployment.resources as { urn: string }[];
    const urn = urns.find((resource) => resource.urn.endsWith("::web-instance"))?.urn ?? "";
    const { ok, output } = await fixture.up({ replace: [urn] });
    expect(ok, output).toBe(true);
    const after = await fixture.host("web");
    expect(after.id, output).not.toBe(before.id);
    expect(after).toMatchObject({ address: before.address, hostPublicKey: before.hostPublicKey });
    const kept = ["ips", "reserved_addresses", "private_networks"];
    const ids = (items: typeof address) =>
      items.filter(({ kind }) => kept.includes(kind)).map(({ id }) => id);
    expect(ids(cloud.inventory())).toEqual(ids(address));
    expect(made("volumes")).toBe(2);
    expect(cloud.faults.pending()).toEqual([]);
  });

  it("leaves nothing after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(cloud.inventory()).toEqual([]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });
});
