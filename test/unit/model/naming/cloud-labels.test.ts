import { expect, it } from "vitest";
import { cloudName, stackLabels } from "../../../../model/naming/cloud-labels.ts";

it("labels what belongs to a stack with a value that Hetzner takes", () => {
  expect(stackLabels("pulumi-nixos/prod")).toEqual({ "fleet/stack": "pulumi-nixos.prod" });
});

it("names what a stack has for all its hosts after itself", () => {
  expect(cloudName("pulumi-nixos/prod", "internal")).toBe("pulumi-nixos-prod-internal");
});
