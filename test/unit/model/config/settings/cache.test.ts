import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { cacheSettings } from "../../../../../model/config/settings/cache.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";

const secrecy = { isSecret: () => true, plain: [] };

function parse(hosts: Record<string, object>, defaults: object, secrets: object) {
  const values = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify(hosts),
    "fleet:defaults": JSON.stringify(defaults),
    "fleet:secrets": JSON.stringify(secrets),
  };
  return parseConfiguration(values, {}, secrecy);
}

describe("cache", () => {
  it.each(["s3://bucket?region=eu", "https://cache.example.org", "file:///var/cache", "ssh://ci@host"])(
    "takes %s",
    (push) => {
      expect(cacheSettings.safeParse({ push }).success).toBe(true);
    },
  );

  it.each([
    [{ push: "bucket" }, "must be the URL of a binary cache"],
    [{ push: "https://ada:secret@example.org" }, "must hold no password"],
    [{}, "must have push or signingKey"],
    [{ push: "s3://a", key: "x" }, "Unrecognized key"],
  ])("refuses %j", (settings, message) => {
    expect(cacheSettings.safeParse(settings).error?.issues[0]?.message).toContain(message);
  });

  it("of a host takes the place of the default one as a whole", () => {
    const defaults = { cache: { push: "s3://all", signingKey: "key" } };
    const hosts = { db: { cache: { push: "s3://db" } }, web: {} };
    const inventory = buildInventory(parse(hosts, defaults, { key: "name:longenough" }));
    expect(inventory.hosts.map(({ publication }) => publication)).toEqual([
      { push: "s3://db", signingKey: null },
      { push: "s3://all", signingKey: "key" },
    ]);
    const [plain] = buildInventory(parse({ web: {} }, {}, {})).hosts;
    expect(plain?.publication).toEqual({ push: null, signingKey: null });
  });

  it.each([
    [{ web: { cache: { signingKey: "nowhere" } } }, {}, "fleet:hosts.web.cache.signingKey"],
    [{ web: {} }, { cache: { signingKey: "nowhere" } }, "fleet:defaults.cache.signingKey"],
  ])("names a secret that there is", (hosts, defaults, path) => {
    expect(() => parse(hosts, defaults, {})).toThrow(path);
  });
});
