import { expect, test } from "vitest";
import { formatIdentity, isSameHost, parseIdentity } from "../../../../runtime/host/identity-file.ts";

const identity = { version: 1 as const, stack: "fleet/prod", host: "web", installId: "i", reinstall: null };

test("what is written is read again", () => {
  expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
  expect(formatIdentity(identity).endsWith("}\n")).toBe(true);
});

test.each([
  ["{", "it is not valid JSON"],
  ["null", "it: "],
  [JSON.stringify({ ...identity, host: 1 }), "host: "],
  [JSON.stringify({ ...identity, version: 2 }), "version: "],
  [JSON.stringify({ ...identity, extra: true }), "Unrecognized key"],
])("%s is not understood", (text, why) => {
  expect(parseIdentity(text)).toContain(why);
});

test("a host is itself under its present and former names, in its stack only", () => {
  const wanted = { stack: "fleet/prod", host: "front", aliases: ["web"] };
  expect(isSameHost(identity, wanted)).toBe(true);
  expect(isSameHost({ ...identity, host: "front" }, wanted)).toBe(true);
  expect(isSameHost({ ...identity, host: "db" }, wanted)).toBe(false);
  expect(isSameHost({ ...identity, stack: "fleet/dev" }, wanted)).toBe(false);
});
