import { describe, expect, it } from "vitest";
import { noPublication } from "../../../../model/protocol/binary-cache.ts";
import { checkPublication } from "../../../../runtime/build/push-built-system.ts";

describe("checkPublication", () => {
  const pushed = { push: "s3://cache", signingKey: null };
  const signed = { push: null, signingKey: "name:key" };

  it("lets nothing but what is built here be signed or pushed", () => {
    for (const cache of [pushed, signed]) {
      expect(() => checkPublication("web", cache, { place: { kind: "local" } })).not.toThrow();
      expect(() => checkPublication("web", cache, { place: { kind: "target" } })).toThrow(
        /web: binary cache failed: `cache` signs and pushes what is built on this machine, and this is built on the host itself/,
      );
    }
    expect(() => checkPublication("web", noPublication, { place: { kind: "target" } })).not.toThrow();
  });
});
