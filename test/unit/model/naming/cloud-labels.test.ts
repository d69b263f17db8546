import { expect, it } from "vitest";
import { cloudName, stackLabels } from "../../../../model/naming/cloud-labels.ts";

it("labels what belongs to a stack with a value that Hetzner takes", () => {
  expect(stackLabels("nixos-fleet/prod")).toEqual({ "fleet/stack": "nixos-fleet.prod" });
});

it("names what a stack has for all its hosts after itself", () => {
  expect(cloudName("nixos-fleet/prod", "internal")).toBe("nixos-fleet-prod-internal");
});
