import { describe, expect, it } from "vitest";
import { hostNameErrors, hostNamesOf } from "../../../../../model/config/hosts/host-pattern.ts";
import { fc } from "../../../property.ts";

describe("names that an entry stands for", () => {
  it("are its own, counted ones, or what braces make", () => {
    expect(hostNamesOf("web")).toEqual(["web"]);
    expect(hostNamesOf("web", 3)).toEqual(["web-1", "web-2", "web-3"]);
    expect(hostNamesOf("{eu,us}-web-{1..2}")).toEqual(["eu-web-1", "eu-web-2", "us-web-1", "us-web-2"]);
    expect(hostNamesOf("n{08..11}")).toEqual(["n08", "n09", "n10", "n11"]);
  });

  it("are as many as a range has, each once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 400 }), (first, length) => {
        const names = hostNamesOf(`n{${first}..${first + length}}`);
        expect(new Set(names).size).toBe(length + 1);
        expect(names.at(0)).toBe(`n${first}`);
        expect(names.at(-1)).toBe(`n${first + length}`);
      }),
    );
  });
});

describe("errors of names", () => {
  const errors = (key: string, count?: number) => hostNameErrors("p", key, count);

  it("there are none of good ones", () => {
    for (const key of ["web", "{eu,us}-web", "web-{1..1000}"]) expect(errors(key), key).toEqual([]);
    expect(errors("web", 1000)).toEqual([]);
  });

  it("tell one bad name of many", () => {
    expect(errors("Web")).toEqual([{ path: "p", reason: expect.stringMatching(/^as a host name, /) }]);
    expect(errors("{1..3}-web")).toEqual([
      { path: "p", reason: expect.stringMatching(/^the host name "1-web" /) },
    ]);
    expect(errors("web-{1}")).toHaveLength(1);
    expect(errors("a".repeat(39), 2)).toEqual([
      { path: "p", reason: expect.stringMatching(/^the host name "a{39}-1" /) },
    ]);
  });

  it("stop at a limit, however much a pattern would make", () => {
    expect(errors("web-{1..1001}")).toEqual([{ path: "p", reason: "expands to more than 1000 hosts" }]);
    expect(errors("{1..9999999}{1..9999999}")).toEqual([
      { path: "p", reason: "expands to more than 1000 hosts" },
    ]);
  });

  it("refuse a count with a pattern", () => {
    expect(errors("web-{1..3}", 2)).toEqual([
      { path: "p.count", reason: expect.stringContaining("cannot be combined") },
    ]);
  });
});
