import { describe, expect, it } from "vitest";
import { ConfigurationError, errorPath, suggestion } from "../../../../model/errors/config-error.ts";

describe("suggestion", () => {
  it.each([
    ["wbe", ["db", "web"], '; did you mean "web"?'],
    ["locatoin", ["location", "labels"], '; did you mean "location"?'],
    ["serverTyp3s", ["serverType", "tags"], '; did you mean "serverType"?'],
    ["xyzxyz", ["web", "db"], "; valid values: db, web"],
    ["x", [], ""],
    ["", ["web", "db"], "; valid values: db, web"],
    [
      "xyzxyzxyz",
      Array.from({ length: 21 }, (_, index) => `host-${index + 1}`),
      "; the nearest of 21 valid values: host-1, host-2, host-3, host-4, host-5",
    ],
    [
      "xyzxyzxyz",
      Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index)),
      "; valid values: a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t",
    ],
  ])("for %j among %j is %j", (given, candidates, text) => {
    expect(suggestion(given, candidates)).toBe(text);
  });
});

describe("errors", () => {
  it("have the path people type", () => {
    expect(errorPath("fleet", ["hosts", "web", "firewall", "tcp", 0])).toBe(
      "fleet.hosts.web.firewall.tcp[0]",
    );
  });

  it("have names in their path that are no plain words in quotes", () => {
    expect(errorPath("fleet:hosts", ["web.example.org", "my-host_1"])).toBe(
      'fleet:hosts["web.example.org"].my-host_1',
    );
    expect(errorPath("fleet:hosts", [""])).toBe('fleet:hosts[""]');
    expect(errorPath("fleet:labels", ["a b"])).toBe('fleet:labels["a b"]');
  });

  it("are counted in a headline that says nothing was changed", () => {
    expect(new ConfigurationError([{ path: "a", reason: "is b" }]).message).toBe(
      "the configuration has 1 error; nothing was changed:\n  a: is b",
    );
    expect(
      new ConfigurationError([
        { path: "a", reason: "b" },
        { path: "c", reason: "d" },
      ]).message,
    ).toMatch(/^the configuration has 2 errors;/);
  });
});
