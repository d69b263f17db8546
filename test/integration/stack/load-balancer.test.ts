import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

interface Balancer {
  readonly id: number;
  readonly name: string;
  readonly load_balancer_type: { readonly name: string };
  readonly algorithm: { readonly type: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly private_net: readonly { readonly ip: string }[];
  readonly public_net: { readonly ipv4: { readonly dns_ptr: string } };
  readonly services: readonly {
    readonly listen_port: number;
    readonly health_check: { readonly path?: string };
  }[];
  readonly targets: readonly { readonly server: { readonly id: number }; readonly use_private_ip: boolean }[];
}

/** Two hosts behind a load balancer, in order. */
describe("a stack with a load balancer", () => {
  let fixture: StackFixture;
  const host = (address: string) => ({
    flake: "./hosts#web",
    networks: { internal: address },
    firewall: { tcp: [80] },
  });
  const [a, b] = [host("10.0.1.2"), host("10.0.1.3")];
  const quick = { interval: 3, timeout: 2, retries: 1 };
  const http = { protocol: "http", healthCheck: quick };
  const front = {
    targets: ["@web"],
    network: "internal",
    privateAddress: "10.0.1.10",
    services: [http],
  };
  const tagged = { tags: ["web"] };

  function configure(balancer: object, hosts: Record<string, object> = {}): void {
    fixture.configure(
      { a: { ...a, ...tagged }, b: { ...b, ...tagged }, ...hosts },
      {
        "fleet:networks": { internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" } },
        "fleet:loadBalancers": { front: { ...front, ...balancer } },
      },
    );
  }

  beforeAll(async () => {
    fixture = await createStack();
    fixture.project.editHosts("web/default.nix", "web, version 1", `\${config.fleet.self}`);
    fixture.project.editHosts("web/default.nix", "{\n", "{ config, ... }: {\n");
    configure({});
  });
  afterAll(() => fixture?.close());

  async function balancer(): Promise<Balancer> {
    const answer = await fetch(`${fixture.cloud.endpoint}/load_balancers`, {
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    const { load_balancers: all } = (await answer.json()) as { load_balancers: Balancer[] };
    const [only, ...others] = all;
    if (only === undefined || others.length > 0) throw new Error(`there are ${all.length} load balancers`);
    return only;
  }

  async function address(): Promise<{ id: string; ipv4: string; ipv6: string }> {
    const place = z.looseObject({ id: z.string(), ipv4: z.string(), ipv6: z.string() });
    return z.object({ loadBalancers: z.object({ front: place }) }).parse(await fixture.outputs())
      .loadBalancers.front;
  }

  /** The pages that several clients in a row get. */
  async function pages(at: string): Promise<string[]> {
    const seen = new Set<string>();
    for (let client = 0; client < 6; client += 1) seen.add(await pageOf(at).catch(() => "nothing"));
    return [...seen].sort();
  }

  /** As soon as the balancer has found out. */
  async function eventually(at: string, expected: readonly string[]): Promise<void> {
    await vi.waitFor(async () => expect(await pages(at)).toEqual(expected), {
      timeout: 60_000,
      interval: 500,
    });
  }

  const [fromA, fromB] = ["Hello from a", "Hello from b"];
  const changing = () =>
    fixture.cloud.journal.entries().flatMap(({ method, path }) => {
      const [, what = ""] = /^\/(?:load_balancers\/\d+\/actions\/(.*)|servers\/\d+)$/.exec(path) ?? [];
      if (method === "DELETE" && path.startsWith("/servers/")) return ["server deleted"];
      return method === "POST" && path.startsWith("/load_balancers/") ? [what] : [];
    });

  it("is refused before anything is made, with what Hetzner has instead", async () => {
    configure({ type: "lb12" });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain(
      'fleet:loadBalancers.front.type: Hetzner has no load balancer type "lb12"; did you mean "lb11"?',
    );
    expect(fixture.cloud.inventory()).toEqual([]);
    configure({});
  });

  it("leads to each host once that is deployed, by its private address", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    for (const name of ["a", "b"])
      expect(run.created.indexOf(`load-balancer-front-target-${name}`)).toBeGreaterThan(
        run.created.indexOf(`${name}-deployment-run`),
      );
    const made = await balancer();
    expect(made).toMatchObject({
      name: "pulumi-nixos-test-front",
      load_balancer_type: { name: "lb11" },
      algorithm: { type: "round_robin" },
      labels: { "fleet/stack": "pulumi-nixos.test" },
      private_net: [{ ip: "10.0.1.10" }],
      services: [{ listen_port: 80 }],
      targets: [{ use_private_ip: true }, { use_private_ip: true }],
    });
    const { id, ipv4, ipv6 } = await address();
    expect(id).toBe(String(made.id));
    await eventually(ipv4, [fromA, fromB]);
    await eventually(`[${ipv6}]`, [fromA, fromB]);
  });

  it("changes nothing with the second up, asks the cloud nothing, and shows no difference on refresh", async () => {
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expectUnchanged(await fixture.refresh());
  });

  it("changes type, algorithm, name, services and targets in place", async () => {
    const before = await address();
    const changes = {
      type: "lb21",
      algorithm: "least_connections",
      reverseDns: { ipv4: "{host}.example.org" },
      services: [
        { ...http, healthCheck: { ...quick, path: "/index.html" } },
        { protocol: "tcp", listen: 8080, destination: 80, healthCheck: quick },
      ],
    };
    configure({ ...changes, targets: ["a"] });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "load-balancer-front-lb": "update",
      "load-balancer-front-service-80": "update",
      "load-balancer-front-service-8080": "create",
      "load-balancer-front-ipv4-rdns": "create",
      "load-balancer-front-target-b": "delete",
    });
    expect(await address()).toEqual({ ...before, targets: ["a"] });
    expect(await balancer()).toMatchObject({
      load_balancer_type: { name: "lb21" },
      algorithm: { type: "least_connections" },
      public_net: { ipv4: { dns_ptr: "front.example.org" } },
      services: [{ listen_port: 80 }, { listen_port: 8080 }],
      targets: [{ server: { id: Number((await fixture.host("a")).id) } }],
    });
    await eventually(`${before.ipv4}:8080`, [fromA]);
    expectUnchanged(await fixture.refresh());
  });

  it("stays while a server behind it is replaced, and leads to the new one and to those that join", async () => {
    const before = { address: await address(), b: await lifeOf(fixture, "b") };
    fixture.cloud.journal.clear();
    configure({});
    const run = await fixture.up({ replace: [await urnOf(fixture, "a-instance")] });
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toMatchObject({ "a-instance": "replace", "a-network-internal": "replace" });
    const ofBalancer = Object.entries(run.changes).filter(([name]) => name.startsWith("load-balancer-"));
    expect(Object.fromEntries(ofBalancer)).toEqual({
      "load-balancer-front-lb": "update",
      "load-balancer-front-service-80": "update",
      "load-balancer-front-service-8080": "delete",
      "load-balancer-front-ipv4-rdns": "delete",
      "load-balancer-front-target-a": "replace",
      "load-balancer-front-target-b": "create",
    });
    const order = changing();
    expect(order.indexOf("remove_target")).toBeLessThan(order.indexOf("server deleted"));
    expect(order.lastIndexOf("add_target")).toBeGreaterThan(order.indexOf("server deleted"));
    expect(order.filter((what) => what === "remove_target")).toHaveLength(1);
    expect(await address()).toMatchObject({ ...before.address, targets: ["a", "b"] });
    expect(await lifeOf(fixture, "b")).toEqual(before.b);
    await eventually(before.address.ipv4, [fromA, fromB]);
  });

  it("leaves a host out that does not answer", async () => {
    const { ipv4 } = await address();
    const machine = fixture.machines.find(`hc-${(await fixture.host("a")).id}`);
    await machine?.powerOff();
    await eventually(ipv4, [fromB]);
  });

  it("is gone before the servers behind it, and leaves an empty cloud", async () => {
    fixture.cloud.journal.clear();
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    const order = changing();
    expect(order.filter((what) => what === "remove_target")).toHaveLength(2);
    expect(order.lastIndexOf("remove_target")).toBeLessThan(order.indexOf("server deleted"));
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});

async function urnOf(fixture: StackFixture, name: string): Promise<string> {
  const state = await fixture.exportStack();
  const resources: { urn: string }[] = state.deployment.resources;
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no resource named ${name}`);
  return found.urn;
}
