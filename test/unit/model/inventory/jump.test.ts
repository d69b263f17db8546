import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { inOrder, neededHosts } from "../../../../model/inventory/dependency-order.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import type { JumpStep } from "../../../../model/inventory/jump.ts";
import { fc } from "../../property.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

function ways(hosts: Record<string, object>, ssh: object = {}): Record<string, readonly JumpStep[]> {
  const raw = { "hcloud:token": "t", "fleet:hosts": JSON.stringify(hosts), "fleet:ssh": JSON.stringify(ssh) };
  const inventory = buildInventory(parseConfiguration(raw));
  return Object.fromEntries(inventory.hosts.map((host) => [host.name, host.jump]));
}
const host = (name: string): JumpStep => ({ kind: "host", name });

describe("the way to a host", () => {
  it("is the list of the host, or else of the stack", () => {
    const machine = { address: "192.0.2.1", port: 2222, user: "ops", hostKey: `${key} x@y` };
    expect(ways({ web: {}, db: { ssh: { jump: [] } } }, { jump: [machine] })).toEqual({
      web: [{ kind: "machine", ...machine, hostKey: key, key: null }],
      db: [],
    });
  });

  it("has the stack's user and port 22 for machines that say nothing of it", () => {
    const jump = [{ address: "2001:db8::1", hostKey: key }];
    const common = { kind: "machine", address: "2001:db8::1", port: 22, hostKey: key, key: null };
    expect(ways({ web: {} }, { jump, user: "ops", port: 2222 })).toEqual({
      web: [{ ...common, user: "ops" }],
    });
  });

  it("leads to a host of the fleet as to any other", () => {
    const hosts = {
      outer: {},
      inner: { ssh: { jump: ["outer"] } },
      web: { ssh: { jump: [{ host: "inner" }] } },
    };
    expect(ways(hosts)).toEqual({ outer: [], inner: [host("outer")], web: [host("outer"), host("inner")] });
  });

  it("goes on from where it is: a later host of the list is reached from the one before it", () => {
    const hosts = { a: {}, b: { ssh: { jump: ["a"] } }, c: {}, web: { ssh: { jump: ["c", "b"] } } };
    expect(ways(hosts)["web"]).toEqual([host("c"), host("b")]);
  });

  it("of the stack is for those behind it: its own hosts are reached by what comes before them", () => {
    expect(ways({ a: {}, b: {}, web: {} }, { jump: ["a", "b"] })).toEqual({
      a: [],
      b: [host("a")],
      web: [host("a"), host("b")],
    });
  });
});

describe("the order of making", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const builtHere = { on: "local" } as const;
  /** Any hosts, each built by one and reached through some of those earlier in a hidden order: no circles. */
  const fleets = fc
    .tuple(
      fc.shuffledSubarray(names, { minLength: names.length }),
      fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
    )
    .map(([order, choices]) =>
      names.map((name) => {
        const before = order.slice(0, order.indexOf(name));
        const choice = choices[names.indexOf(name)] ?? 0;
        const builder = before[choice % 7];
        const build = builder === undefined ? builtHere : ({ on: "host", host: builder } as const);
        return { name, jump: before.filter((_, index) => (choice >> index) % 2 === 1).map(host), build };
      }),
    );

  it("has every host once, after all it is reached through", () => {
    fc.assert(
      fc.property(fleets, (hosts) => {
        const ordered = inOrder(hosts);
        expect(ordered.map(({ name }) => name).sort()).toEqual(names);
        for (const [index, host] of ordered.entries()) {
          const before = ordered.slice(0, index).map(({ name }) => name);
          for (const needed of neededHosts(host)) expect(before).toContain(needed);
        }
      }),
    );
  });

  it("leaves hosts alone that pass no other", () => {
    const hosts = names.map((name) => ({ name, jump: [], build: builtHere }));
    expect(inOrder(hosts)).toEqual(hosts);
  });
});
