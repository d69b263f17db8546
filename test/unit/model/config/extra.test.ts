import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import type { Secrecy } from "../../../../model/config/settings/secrets.ts";
import type { ConfigError } from "../../../../model/errors/config-error.ts";
import { factPaths } from "../../../../model/facts/facts.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../model/inventory/static-facts.ts";
import { faultsIn } from "./faults-in.ts";

function parse(extra: unknown, secrecy?: Secrecy) {
  const raw = { "hcloud:token": "t", "fleet:hosts": '{"web":{}}', "fleet:extra": JSON.stringify(extra) };
  return parseConfiguration(raw, {}, secrecy);
}

function faultsOf(...given: Parameters<typeof parse>): readonly ConfigError[] {
  return faultsIn(() => parse(...given));
}

const reference = { stack: "organization/shop/prod", output: "url" };

describe("fleet:extra", () => {
  it("takes texts, numbers, truth values, lists of them, and outputs of other stacks", () => {
    const extra = { a: "x", b: 80, c: false, d: ["x", 1], "e-f_1": reference };
    expect(parse(extra).extra).toEqual(extra);
    expect(parseConfiguration({ "hcloud:token": "t", "fleet:hosts": '{"web":{}}' }).extra).toEqual({});
  });

  it("is known by name before any value is, beside what the program gives", () => {
    const inventory = buildInventory(parse({ url: reference, port: 80 }));
    const fixed = staticFacts(inventory, "p/s", "s", ["token", "port"]);
    expect(fixed.extra).toEqual(["port", "token", "url"]);
    expect(factPaths(fixed).slice(-3)).toEqual(["extra.port", "extra.token", "extra.url"]);
  });

  it.each([
    [
      { url: { ...reference, stack: "shop/prod" } },
      "fleet:extra.url.stack",
      "must be <organization>/<project>/<stack>",
    ],
    [{ url: { ...reference, outptu: "x" } }, "fleet:extra.url.outptu", "is no known setting"],
    [{ url: { stack: reference.stack } }, "fleet:extra.url", "{stack: <organization>"],
    [{ url: { some: "map" } }, "fleet:extra.url", "must be a text, a number"],
    [{ url: null }, "fleet:extra.url", "must be a text, a number"],
    [{ url: [["x"]] }, "fleet:extra.url", "must be a text, a number"],
    [{ "a.b": "x" }, 'fleet:extra["a.b"]', "as the name of a fact"],
    [["x"], "fleet:extra", "must map names to values"],
  ])("refuses %j", (extra, path, reason) => {
    const errors = faultsOf(extra);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.reason).toContain(reason);
  });

  it("holds no secret: facts can be read by everybody on the host", () => {
    const encrypted: Secrecy = { isSecret: (key) => key === "fleet:extra", plain: [] };
    expect(faultsOf({ token: "swordfish" }, encrypted)).toEqual([
      { path: "fleet:extra", reason: expect.stringMatching(/^is encrypted.*Nix store/) },
    ]);
    // The command line decrypts nothing, and is told that everything may be a secret.
    expect(faultsOf({ token: "x" }, { isSecret: () => true, plain: [], unread: true })).toEqual([]);
  });
});
