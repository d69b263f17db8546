import { describe, expect, it, test } from "vitest";
import type { BuildPlan } from "../../../../model/protocol/build.ts";
import { chooseBuildLocation, formatBuildLocation } from "../../../../runtime/build/build-location.ts";
import { builderPlatforms, type LocalNix } from "../../../../runtime/nix/local-nix.ts";

const works: LocalNix = { state: "works", platforms: ["x86_64-linux", "i686-linux"] };
const machine = {
  name: "big",
  connection: { address: "198.51.100.9", port: 22, user: "root", privateKey: "k" },
  hostKey: "ssh-ed25519 AAAA",
};
const choose = (plan: BuildPlan, local: LocalNix, platform = "x86_64-linux") =>
  chooseBuildLocation({ host: "web", plan, platform, local });

describe("the place where a system is built", () => {
  it("is here where Nix works and builds for the platform", () => {
    expect(choose({ on: "auto" }, works)).toEqual({ place: { kind: "local" }, because: null });
  });

  test.each<[LocalNix, string, string]>([
    [{ state: "absent" }, "x86_64-linux", "Nix is not installed on this machine"],
    [{ state: "broken", seen: "no daemon" }, "x86_64-linux", "the local Nix does not work (no daemon)"],
    [works, "aarch64-linux", "the local Nix builds for x86_64-linux, i686-linux and not for aarch64-linux"],
  ])("is the host itself where it cannot be here: %j for %s", (local, platform, because) => {
    expect(choose({ on: "auto" }, local, platform)).toEqual({ place: { kind: "target" }, because });
  });

  test.each<[LocalNix]>([[works], [{ state: "absent" }]])(
    "is what the configuration says, with %j",
    (local) => {
      expect(choose({ on: "target" }, local)).toEqual({ place: { kind: "target" }, because: null });
      const place = { kind: "machine", machine };
      expect(choose({ on: "machine", machine }, local)).toEqual({ place, because: null });
    },
  );

  it("is an error where the configuration says here, and here is no Nix", () => {
    expect(() => choose({ on: "local" }, { state: "absent" })).toThrow(
      /build.on is "local", and Nix is not installed on this machine/,
    );
    expect(choose({ on: "local" }, works, "aarch64-linux").place).toEqual({ kind: "local" });
  });

  it("has words for people", () => {
    expect(formatBuildLocation({ kind: "machine", machine })).toBe('on build host "big"');
    expect(formatBuildLocation({ kind: "target" })).toBe("on the host itself");
  });
});

test("remote builders count with their platforms", () => {
  const file =
    "# mine\nssh://arm aarch64-linux,armv7l-linux - 4\n\nssh://self - - 1 ; ssh://mac x86_64-darwin";
  expect(builderPlatforms(file)).toEqual(["aarch64-linux", "armv7l-linux", "x86_64-darwin"]);
});
