import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import {
  compareIf,
  isConfigSecret,
  outputInternals,
  unknownValue,
} from "../../../../components/shared/pulumi-internals.ts";

describe("what the program takes of @pulumi/pulumi that its types leave out", () => {
  it("is whether an Output is known, and what it holds", async () => {
    const known = outputInternals(pulumi.secret("x"));
    expect(await known.isKnown).toBe(true);
    expect(await known.promise()).toBe("x");
    const unknown = outputInternals(pulumi.output([pulumi.output(unknownValue<string>())]));
    expect(await unknown.isKnown).toBe(false);
    expect(() => outputInternals({} as pulumi.Output<string>)).toThrow("Outputs of another shape");
  });

  it("is the marker that makes an Output unknown, also as the result of an apply", async () => {
    const made = pulumi.output("x").apply(() => unknownValue<string>());
    expect(await outputInternals(made).isKnown).toBe(false);
  });

  it("is whether a key of the configuration is encrypted", () => {
    pulumi.runtime.setAllConfig({ "fleet:secrets": "{}", "fleet:hosts": "{}" }, ["fleet:secrets"]);
    expect(["fleet:secrets", "fleet:hosts", "fleet:none"].map(isConfigSecret)).toEqual([true, false, false]);
  });

  it("is the list of ignored inputs that a transform is given", async () => {
    const args = (ignoreChanges: string[]): pulumi.ResourceTransformArgs => ({
      custom: true,
      type: "command:local:Command",
      name: "web-deployment-run",
      props: { create: "true" },
      opts: { ignoreChanges, protect: true },
    });
    const transform = (wanted: boolean) => compareIf("triggers[2]", Promise.resolve(wanted));
    expect(await transform(false)(args(["triggers[2]"]))).toBeUndefined();
    expect(await transform(true)(args(["create", "triggers[2]"]))).toEqual({
      props: { create: "true" },
      opts: { ignoreChanges: ["create"], protect: true },
    });
  });
});
