import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { toldIn } from "../errors-in.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

function errors(hosts: Record<string, object>, ssh: object = {}): string[] {
  const raw = { "hcloud:token": "t", "fleet:hosts": JSON.stringify(hosts), "fleet:ssh": JSON.stringify(ssh) };
  return toldIn(() => parseConfiguration(raw));
}
const jump = (...hops: unknown[]) => ({ ssh: { jump: hops } });

describe("machines on the way", () => {
  it("are hosts of the fleet, or bring an address and a key", () => {
    const good = { address: "192.0.2.1", hostKey: key };
    expect(
      errors({ web: jump("bastion", good), bastion: {} }, { jump: [good, { host: "bastion" }] }),
    ).toEqual([]);
    expect(errors({ web: jump({}) })).toEqual([
      "fleet:hosts.web.ssh.jump[0]: must be the name of a host of this fleet, or give address and hostKey",
    ]);
    expect(errors({ web: {} }, { jump: [{ address: "192.0.2.1", port: 2222 }] })).toEqual([
      expect.stringMatching(
        /^fleet:ssh\.jump\[0\]\.hostKey: is needed: .*ssh-keyscan -t ed25519 -p 2222 192\.0\.2\.1/,
      ),
    ]);
  });

  it("are known by name, with the nearest one named", () => {
    expect(errors({ web: jump("bastoin"), bastion: {} })).toEqual([
      'fleet:hosts.web.ssh.jump[0]: there is no host "bastoin" in this fleet; did you mean "bastion"?',
    ]);
    expect(errors({ web: {}, bastion: {} }, { jump: ["bastoin"] })[0]).toMatch(/^fleet:ssh\.jump\[0\]: /);
  });

  it("of the fleet bring all the rest themselves", () => {
    const surplus = { host: "bastion", address: "192.0.2.1", hostKey: key, user: "x" };
    expect(errors({ web: jump(surplus), bastion: {} }).map((error) => error.split(": ")[0])).toEqual([
      "fleet:hosts.web.ssh.jump[0].address",
      "fleet:hosts.web.ssh.jump[0].hostKey",
      "fleet:hosts.web.ssh.jump[0].user",
    ]);
  });

  it("have no other settings, and the near miss is named", () => {
    expect(errors({ web: jump({ address: "192.0.2.1", hostkey: key }) })).toContainEqual(
      'fleet:hosts.web.ssh.jump[0].hostkey: is not a valid setting; did you mean "hostKey"?',
    );
    expect(errors({ web: jump(7) })[0]).toMatch(/^fleet:hosts\.web\.ssh\.jump\[0\]: /);
  });

  it("name secrets that there are", () => {
    const hop = { address: "192.0.2.1", hostKey: key, key: "bastion-key" };
    for (const found of [errors({ web: jump(hop) }), errors({ web: {} }, { jump: [hop] })])
      expect(found).toEqual([
        expect.stringMatching(/ssh\.jump\[0\]\.key: names the secret "bastion-key", which is not set/),
      ]);
  });

  it("lead nowhere back", () => {
    expect(errors({ web: jump("web") })).toEqual([
      "fleet:hosts.web.ssh.jump: circular dependency: web is reached through web",
    ]);
    expect(errors({ a: jump("b"), b: jump("c"), c: jump("a"), d: jump("a") })).toEqual([
      "fleet:hosts.a.ssh.jump: circular dependency: a is reached through b, which is reached through c, which is reached through a",
      expect.stringMatching(/^fleet:hosts\.b\.ssh\.jump: /),
      expect.stringMatching(/^fleet:hosts\.c\.ssh\.jump: /),
    ]);
    expect(errors({ a: {}, b: jump("web"), web: {} }, { jump: ["a", "b"] })).toHaveLength(2);
  });

  it("cannot be built on what is behind them", () => {
    expect(errors({ bastion: { build: { on: "builder" } }, builder: jump("bastion") })).toEqual([
      "fleet:hosts.bastion.ssh.jump: circular dependency: bastion is built on builder, which is reached through bastion",
      "fleet:hosts.builder.ssh.jump: circular dependency: builder is reached through bastion, which is built on builder",
    ]);
    // A circular dependency of builders is reported once.
    expect(errors({ a: { build: { on: "b" } }, b: { build: { on: "a" } } })).toHaveLength(2);
  });

  it("make the same private address another machine", () => {
    const machine = { provider: "existing", address: "10.0.0.2", trustOnFirstUse: true };
    const hosts = { a: {}, b: {}, web: { ...machine, ...jump("a") }, db: { ...machine, ...jump("b") } };
    expect(errors(hosts)).toEqual([]);
    expect(errors({ ...hosts, db: { ...machine, ...jump("a") } })).toEqual([
      'fleet:hosts.db.address: is already used by host "web"',
    ]);
  });
});
