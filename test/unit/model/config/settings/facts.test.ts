import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import type { Secrecy } from "../../../../../model/config/settings/secrets.ts";
import type { ConfigError } from "../../../../../model/errors/config-error.ts";
import { factPaths } from "../../../../../model/facts/facts.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../../model/inventory/static-facts.ts";
import { errorsIn } from "../errors-in.ts";

function parse(facts: unknown, secrecy?: Secrecy) {
  const raw = { "hcloud:token": "t", "fleet:hosts": '{"web":{}}', "fleet:facts": JSON.stringify(facts) };
  return parseConfiguration(raw, {}, secrecy);
}

function errorsOf(...given: Parameters<typeof parse>): readonly ConfigError[] {
  return errorsIn(() => parse(...given));
}

const reference = { stack: "organization/shop/prod", output: "url" };

describe("fleet:facts", () => {
  it("takes texts, numbers, truth values, lists of them, and outputs of other stacks", () => {
    const facts = { a: "x", b: 80, c: false, d: ["x", 1], "e-f_1": reference };
    expect(parse(facts).facts).toEqual(facts);
    expect(parseConfiguration({ "hcloud:token": "t", "fleet:hosts": '{"web":{}}' }).facts).toEqual({});
  });

  it("is known by name before any value is, beside what the program gives", () => {
    const inventory = buildInventory(parse({ url: reference, port: 80 }));
    const fixed = staticFacts(inventory, { project: "p", stack: "s" }, ["token", "port"]);
    expect(fixed.customFacts).toEqual(["port", "token", "url"]);
    expect(factPaths(fixed).slice(-3)).toEqual(["facts.port", "facts.token", "facts.url"]);
  });

  it.each([
    [
      { url: { ...reference, stack: "shop/prod" } },
      "fleet:facts.url.stack",
      "must be <organization>/<project>/<stack>",
    ],
    [{ url: { ...reference, outptu: "x" } }, "fleet:facts.url.outptu", "is not a valid setting"],
    [{ url: { stack: reference.stack } }, "fleet:facts.url", "{stack: <organization>"],
    [{ url: { some: "map" } }, "fleet:facts.url", "must be a text, a number"],
    [{ url: null }, "fleet:facts.url", "must be a text, a number"],
    [{ url: [["x"]] }, "fleet:facts.url", "must be a text, a number"],
    [{ "a.b": "x" }, 'fleet:facts["a.b"]', "as the name of a fact"],
    [["x"], "fleet:facts", "must map names to values"],
  ])("refuses %j", (facts, path, reason) => {
    const errors = errorsOf(facts);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.reason).toContain(reason);
  });

  it("holds no secret: facts can be read by everybody on the host", () => {
    const encrypted: Secrecy = { isSecret: (key) => key === "fleet:facts", plain: [] };
    expect(errorsOf({ token: "swordfish" }, encrypted)).toEqual([
      { path: "fleet:facts", reason: expect.stringMatching(/^is encrypted.*Nix store/) },
    ]);
    // The command line decrypts nothing, and is told that everything may be a secret.
    expect(errorsOf({ token: "x" }, { isSecret: () => true, plain: [], unread: true })).toEqual([]);
  });
});
