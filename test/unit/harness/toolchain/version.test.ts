import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareVersions,
  formatVersion,
  isAtLeast,
  isCompatible,
  parseVersion,
} from "../../../harness/toolchain/version.ts";

describe("parseVersion", () => {
  it.each([
    ["v3.232.0", "3.232.0"],
    ["systemd 257 (257.9-1~deb13u1)", "257.9.0"],
    ["OpenSSH_9.2p1 Debian-2+deb12u5, OpenSSL 3.0.17 1 Jul 2025", "9.2.0"],
    ["nix (Nix) 2.26.3", "2.26.3"],
    ["nix (Determinate Nix 3.6.2) 2.29.0", "2.29.0"],
    ["nix (Nix) 2.35.0pre20260101_abc", "2.35.0"],
    ["git version 2.39.5 (Apple Git-154)", "2.39.5"],
    ["jq-1.6", "1.6.0"],
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["ShellCheck - shell script analysis tool\nversion: 0.10.0", "0.10.0"],
  ])("%s", (text, expected) => {
    const version = parseVersion(text);
    expect(version && formatVersion(version)).toBe(expected);
  });

  it("finds none where there is none", () => {
    expect(parseVersion("unknown")).toBeUndefined();
    expect(parseVersion("build 17")).toBeUndefined();
  });

  const version = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999));
  it("reads back what formatVersion writes", () => {
    fc.assert(
      fc.property(version, (one) => {
        expect(parseVersion(`tool v${formatVersion(one)}`)).toEqual(one);
      }),
    );
  });

  it("orders by major, minor, patch", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const weight = (one: readonly number[]) => one.reduce((sum, part) => sum * 1000 + part, 0);
        expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(weight(a) - weight(b)));
      }),
    );
  });
});

describe("isAtLeast", () => {
  it("includes the minimum itself", () => {
    expect(isAtLeast([2, 24, 0], "2.24")).toBe(true);
    expect(isAtLeast([2, 23, 9], "2.24")).toBe(false);
    expect(isAtLeast([3, 0, 0], "2.24")).toBe(true);
  });

  it("refuses a minimum that is not a version", () => {
    expect(() => isAtLeast([1, 0, 0], "new")).toThrow('"new" holds no version number');
  });
});

describe("isCompatible", () => {
  it("wants the same major and at least the minor, whatever the patch", () => {
    expect(isCompatible([3, 232, 0], "3.232.4")).toBe(true);
    expect(isCompatible([3, 300, 0], "3.232.0")).toBe(true);
    expect(isCompatible([3, 231, 9], "3.232.0")).toBe(false);
    expect(isCompatible([4, 300, 0], "3.232.0")).toBe(false);
  });
});
