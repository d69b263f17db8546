import { describe, expect, test } from "vitest";
import type { SystemTraits } from "../../../../../model/protocol/connection.ts";
import { lockoutErrors } from "../../../../../runtime/install/preflight/lock-out.ts";

const traits: SystemTraits = {
  diskKeys: { files: [], prompts: [] },
  fileSystems: [],
  lustrates: true,
  firmware: null,
  ssh: { enable: true, ports: [22], open: [22], users: ["root"], refused: [] },
  administrators: ["root"],
  openPorts: { enable: true, everywhere: { tcp: [{ from: 22, to: 22 }], udp: [] }, interfaces: {} },
};

describe("lock-out", () => {
  const errors = (changes: Partial<SystemTraits["ssh"]>, user = "root", port = 22) =>
    lockoutErrors({ ...traits, ssh: { ...traits.ssh, ...changes } }, { user, port });
  test.each([
    [{ enable: false }, "has no SSH"],
    [
      { ports: [2222], open: [2222] },
      "listens on 2222 (services.openssh.ports), and the stack connects to 22",
    ],
    [{ ports: [] }, "listens on no port"],
    [{ open: [] }, "firewall blocks SSH: port 22"],
    [{ users: [] }, 'no authorized key for user "root"'],
    [{ users: ["ada"] }, 'no authorized key for user "root"'],
    [{ refused: ["root"] }, "SSH refuses root (services.openssh.settings.PermitRootLogin"],
  ])("%o", (changes, error) => {
    expect(errors(changes)).toEqual([expect.stringContaining(error)]);
  });
  test("of a user", () => {
    const known = { ...traits, administrators: ["root", "ada"] };
    const of = (user: string, ssh: Partial<SystemTraits["ssh"]>) =>
      lockoutErrors({ ...known, ssh: { ...traits.ssh, ...ssh } }, { user, port: 22 });
    expect(of("ada", { users: ["ada"] })).toEqual([]);
    expect(of("ada", { users: ["ada"], refused: ["ada"] })).toEqual([
      expect.stringContaining('refuses user "ada"'),
    ]);
    expect(of("bob", { users: ["bob"] })).toEqual([
      expect.stringContaining('user "bob" may not become root there without a password'),
    ]);
    expect(lockoutErrors({ ...known, administrators: null }, { user: "root", port: 22 })).toEqual([]);
  });
  test.each([
    [undefined, 1],
    [{ tool: "sudo", password: null } as const, 1],
    [{ tool: "sudo", password: "open sesame" } as const, 0],
    [{ tool: "doas", password: null } as const, 0],
    [{ tool: "run0", password: null } as const, 0],
  ])("of a user who becomes root by %j", (elevation, count) => {
    const bob = { ...traits, ssh: { ...traits.ssh, users: ["bob"] } };
    const connection = { user: "bob", port: 22, ...(elevation === undefined ? {} : { elevation }) };
    expect(lockoutErrors(bob, connection)).toHaveLength(count);
  });
  test("what the configuration cannot tell is not an error", () => {
    expect(errors({ open: null, users: null, refused: null })).toEqual([]);
    expect(lockoutErrors(null, { user: "root", port: 22 })).toEqual([]);
  });
});
