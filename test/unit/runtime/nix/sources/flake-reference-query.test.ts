import { expect, test } from "vitest";
import { joinReference, splitReference } from "../../../../../runtime/nix/sources/flake-reference-query.ts";
import { fc } from "../../../property.ts";

test("a plus sign is a plus sign", () => {
  expect(splitReference("path:/x?narHash=sha256-a+b/c=&dir=a%20b")).toEqual({
    location: "path:/x",
    query: new Map([
      ["narHash", "sha256-a+b/c="],
      ["dir", "a b"],
    ]),
  });
  expect(joinReference("path:/x", new Map([["narHash", "sha256-a+b="]]))).toBe(
    "path:/x?narHash=sha256-a%2Bb%3D",
  );
});

test("without parameters there is no question mark", () => {
  expect(joinReference("./hosts", new Map())).toBe("./hosts");
  expect(joinReference("./hosts", new Map([["dir", ""]]))).toBe("./hosts");
  expect(splitReference("./hosts")).toEqual({ location: "./hosts", query: new Map() });
});

test("splitting undoes joining", () => {
  const name = fc.string({ minLength: 1, maxLength: 8, unit: "binary" });
  const parameters = fc.array(fc.tuple(name, name), { maxLength: 4 }).map((entries) => new Map(entries));
  fc.assert(
    fc.property(parameters, (query) => {
      const { location, query: found } = splitReference(joinReference("git+file:///x", query));
      expect(location).toBe("git+file:///x");
      expect([...found].join("\0")).toBe([...query].join("\0"));
    }),
  );
});
