import { describe, expect, it } from "vitest";
import { describeFaults, faultPath, suggestion } from "../../../../fleet/config/fault.ts";

describe("suggestion", () => {
  it.each([
    ["wbe", ["db", "web"], '; did you mean "web"?'],
    ["locatoin", ["location", "labels"], '; did you mean "location"?'],
    ["serverTyp3s", ["serverType", "tags"], '; did you mean "serverType"?'],
    ["xyzxyz", ["web", "db"], "; there are db, web"],
    ["x", [], ""],
  ])("for %j among %j is %j", (given, candidates, text) => {
    expect(suggestion(given, candidates)).toBe(text);
  });
});

describe("faults", () => {
  it("have the path people type", () => {
    expect(faultPath("fleet", ["hosts", "web", "firewall", "tcp", 0])).toBe(
      "fleet.hosts.web.firewall.tcp[0]",
    );
  });

  it("are counted in a headline that says nothing was changed", () => {
    expect(describeFaults([{ path: "a", reason: "is b" }])).toBe(
      "the configuration has 1 fault; nothing was changed:\n  a: is b",
    );
    expect(
      describeFaults([
        { path: "a", reason: "b" },
        { path: "c", reason: "d" },
      ]),
    ).toMatch(/^the configuration has 2 faults;/);
  });
});
