import { describe, expect, it } from "vitest";
import { compareVersions, packageName } from "../../../../model/system-diff/store-name.ts";
import { fc } from "../../property.ts";
import { storePath } from "../closure-diff/paths.ts";

describe("packageName", () => {
  it.each([
    ["openssl-3.0.14", "openssl", "3.0.14"],
    ["openssl-3.0.14-bin", "openssl", "3.0.14"],
    ["glibc-2.40-66-getent", "glibc", "2.40-66-getent"],
    ["glibc-locales-2.40-66", "glibc-locales", "2.40-66"],
    ["nixos-system-web-26.05.20260101.abc", "nixos-system-web", "26.05.20260101.abc"],
    ["unit-nginx.service", "unit-nginx.service", ""],
    ["etc", "etc", ""],
    ["system-path", "system-path", ""],
    ["python3.12-requests-2.32.3", "python3.12-requests", "2.32.3"],
    ["linux-6.12.3-modules", "linux", "6.12.3"],
    ["-1.0", "-1.0", ""],
    ["x-", "x-", ""],
  ])("%s", (full, name, version) => {
    expect(packageName(storePath(full))).toEqual({ name, version });
  });

  it("loses no part of a name but the suffix of an output", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9+]{0,8}$/);
    const version = fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), version, (words, number) => {
        const name = words.join("-");
        expect(packageName(storePath(`${name}-${number}`))).toEqual({ name, version: number });
        expect(packageName(storePath(`${name}-${number}-dev`))).toEqual({ name, version: number });
      }),
    );
  });
});

describe("compareVersions", () => {
  // The Nix manual's own examples, and what people trip over.
  it.each([
    ["1.0", "2.3", -1],
    ["2.1", "2.3", -1],
    ["2.3", "2.3", 0],
    ["2.5", "2.3", 1],
    ["3.1", "2.3", 1],
    ["2.3.1", "2.3", 1],
    ["2.3.1", "2.3a", 1],
    ["2.3pre1", "2.3", -1],
    ["2.3pre3", "2.3pre12", -1],
    ["2.3a", "2.3c", -1],
    ["2.3pre1", "2.3c", -1],
    ["2.3pre1", "2.3q", -1],
    ["1.9", "1.10", -1],
  ])("%s and %s", (left, right, sign) => {
    expect(Math.sign(compareVersions(left, right))).toBe(sign);
    expect(Math.sign(compareVersions(right, left)) + sign).toBe(0);
  });

  it("is an order", () => {
    const version = fc.stringMatching(/^([0-9]{1,2}|pre|a|rc)([.-]?([0-9]{1,2}|pre|a|rc)){0,3}$/);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
