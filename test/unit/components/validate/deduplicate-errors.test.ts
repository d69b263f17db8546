import { expect, test } from "vitest";
import { deduplicateErrors } from "../../../../components/validate/deduplicate-errors.ts";

test("an error that hosts share is told at the first of them", () => {
  const at = (host: string, setting: string, reason: string) => ({
    path: `fleet:hosts.${host}.${setting}`,
    reason,
  });
  const hundred = Array.from({ length: 100 }, (_, index) => at(`web-${index + 1}`, "flake", "has no x"));
  expect(
    deduplicateErrors([...hundred, at("db", "flake", "has no y"), at("db", "image", "has no x")]),
  ).toEqual([
    at("web-1", "flake", "has no x (and 99 more hosts)"),
    at("db", "flake", "has no y"),
    at("db", "image", "has no x"),
  ]);
  expect(deduplicateErrors(hundred.slice(0, 2))[0]?.reason).toBe("has no x (and 1 more host)");
  expect(deduplicateErrors([])).toEqual([]);
});
