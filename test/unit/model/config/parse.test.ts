import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import type { ConfigError } from "../../../../model/errors/config-error.ts";
import { fc } from "../../property.ts";
import { errorsIn } from "./errors-in.ts";

const token = { "hcloud:token": "t" };

function errorsOf(hosts: unknown, more: Record<string, string> = {}): readonly ConfigError[] {
  return errorsIn(() => parseConfiguration({ ...token, "fleet:hosts": JSON.stringify(hosts), ...more }));
}

const pathsOf = (errors: readonly ConfigError[]) => errors.map((error) => error.path);

describe("parseConfiguration", () => {
  it("accepts the smallest configuration and fills in every default", () => {
    const configuration = parseConfiguration({ ...token, "fleet:hosts": '{"web":{}}' });
    expect(configuration.hosts["web"]?.tags).toEqual([]);
    expect(configuration.ssh).toEqual({
      allowedCidrs: ["0.0.0.0/0", "::/0"],
      authorizedKeys: [],
      jump: [],
      port: 22,
      user: "root",
    });
    expect(configuration.deadlines.install.kexec).toBe(600);
    expect(configuration.deadlines.deploy.confirm).toBe(60);
  });

  it("names every error at once, each with its path", () => {
    const errors = errorsOf(
      {
        web: { locatoin: "nbg1", tags: "a", ipv4: "yes", firewall: { tcp: ["80-70", 0, 80] } },
        Bad_Name: { location: "moon" },
        db: { serverType: "huge", aliases: ["web"], wipe: "web" },
      },
      { "fleet:host": "{}", "fleet:ssh": '{"allowedCidrs":["everywhere"],"port":70000}' },
    );
    expect(pathsOf(errors)).toEqual([
      "fleet:host",
      "fleet:hosts.Bad_Name",
      "fleet:hosts.Bad_Name.location",
      "fleet:hosts.db.aliases[0]",
      "fleet:hosts.db.serverType",
      "fleet:hosts.db.wipe",
      "fleet:hosts.web.firewall.tcp[0]",
      "fleet:hosts.web.firewall.tcp[1]",
      "fleet:hosts.web.ipv4",
      "fleet:hosts.web.locatoin",
      "fleet:hosts.web.tags",
      "fleet:ssh.allowedCidrs[0]",
      "fleet:ssh.port",
    ]);
  });

  it("still checks how correct hosts relate when another host has errors", () => {
    const errors = errorsOf({ web: { tags: 3 }, db: { wipe: "web" }, mail: { aliases: ["db"] } });
    expect(pathsOf(errors)).toEqual([
      "fleet:hosts.db.wipe",
      "fleet:hosts.mail.aliases[0]",
      "fleet:hosts.web.tags",
    ]);
  });

  it("offers the setting that was meant", () => {
    const [error] = errorsOf({ web: { locatoin: "nbg1" } });
    expect(error?.reason).toBe('is not a valid setting; did you mean "location"?');
  });

  it("lists the settings there are where none is near", () => {
    const [error] = errorsOf({ web: {} }, { "fleet:ssh": '{"xyz":1}' });
    expect(error?.reason).toContain(
      "valid settings: allowedCidrs, authorizedKeys, jump, port, previous, user",
    );
  });

  it("says which key holds the missing token and how to set it", () => {
    expect(() => parseConfiguration({ "fleet:hosts": '{"web":{}}' })).toThrow(
      /hcloud:token: is not set: .*pulumi config set --secret hcloud:token/,
    );
    expect(() => parseConfiguration({ "fleet:hosts": '{"web":{}}' }, { HCLOUD_TOKEN: "t" })).not.toThrow();
  });

  it("refuses a stack without hosts", () => {
    expect(pathsOf(errorsOf({}))).toEqual(["fleet:hosts"]);
    expect(() => parseConfiguration(token)).toThrow(/fleet:hosts: must map host names/);
  });

  it.each([
    [{ web: { aliases: ["old", "old"] } }, "fleet:hosts.web.aliases[1]", "is named twice"],
    [{ web: { aliases: ["web"] } }, "fleet:hosts.web.aliases[0]", "is named twice"],
    [
      { a: { aliases: ["x"] }, b: { aliases: ["x"] } },
      "fleet:hosts.b.aliases[0]",
      'is the name of host "a" too',
    ],
    [{ web: { ipv4: false, ipv6: false } }, "fleet:hosts.web.ipv6", "no address would be left"],
    [
      { web: { system: `/nix/store/${"a".repeat(32)}-x`, flake: "." } },
      "fleet:hosts.web.system",
      "cannot be combined with `flake`",
    ],
    [{ web: { system: "/etc" } }, "fleet:hosts.web.system", "must be a store path"],
    [{ web: { goal: "dry-activate" } }, "fleet:hosts.web.goal", "must be one of switch, boot, test"],
  ])("refuses %j", (hosts, path, reason) => {
    const errors = errorsOf(hosts);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.path).toBe(path);
    expect(errors[0]?.reason).toContain(reason);
  });

  it("takes a reinstall token as text or number", () => {
    const configuration = parseConfiguration({
      ...token,
      "fleet:hosts": '{"a":{"reinstall":2},"b":{"reinstall":"x"}}',
    });
    expect(configuration.hosts["a"]?.reinstall).toBe("2");
    expect(configuration.hosts["b"]?.reinstall).toBe("x");
  });

  it("never accepts an unknown key, wherever it stands", () => {
    const known = new Set([
      "tags",
      "aliases",
      "system",
      "reinstall",
      "wipe",
      "provider",
      "location",
      "serverType",
    ]);
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{8,20}$/), (key) => {
        fc.pre(!known.has(key));
        const errors = errorsOf({ web: { [key]: true } });
        return (
          errors.some((error) => error.path === `fleet:hosts.web.${key}`) || errorsOf({ web: {} }).length > 0
        );
      }),
    );
  });
});
