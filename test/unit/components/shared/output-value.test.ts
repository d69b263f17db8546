import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { outputValue } from "../../../../components/shared/output-value.ts";

describe("outputValue", () => {
  it("gives the value of a known Output, null and falsy ones included", async () => {
    expect(await outputValue(pulumi.output("x"))).toEqual({ known: true, value: "x" });
    expect(await outputValue(pulumi.output(null))).toEqual({ known: true, value: null });
    expect(await outputValue(pulumi.output(Promise.resolve(0)))).toEqual({ known: true, value: 0 });
  });

  it("says so when an Output is unknown, also deep inside", async () => {
    expect(await outputValue(pulumi.output(pulumi.unknown))).toEqual({ known: false });
    expect(await outputValue(pulumi.output([pulumi.output(pulumi.unknown)]))).toEqual({ known: false });
  });

  it("looks into secrets without refusing them", async () => {
    expect(await outputValue(pulumi.secret("s"))).toEqual({ known: true, value: "s" });
  });
});
