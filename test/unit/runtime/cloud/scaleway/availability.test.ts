import { expect, it, onTestFinished } from "vitest";
import { scalewayAvailability } from "../../../../../runtime/cloud/scaleway/availability.ts";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { credentialsOf, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";

it("tells the zones that have a type of instance, and leaves those out that have none left", async () => {
  const cloud = await startScalewayCloud({
    machines: new MemoryMachineFactory(),
    soldOut: [
      { type: "DEV1-M", zone: "fr-par-1" },
      { type: "DEV1-L", zone: "fr-par-1" },
      { type: "DEV1-L", zone: "nl-ams-1" },
    ],
  });
  onTestFinished(() => cloud.close());
  const found = await scalewayAvailability(credentialsOf(cloud), ["fr-par-1", "nl-ams-1"], {
    timeoutSeconds: 20,
  });
  expect(found.get("DEV1-S")).toEqual(["fr-par-1", "nl-ams-1"]);
  expect(found.get("DEV1-M")).toEqual(["nl-ams-1"]);
  expect(found.get("DEV1-L")).toBeUndefined();
  expect(cloud.journal.entries()).toHaveLength(2);
  expect(cloud.journal.unexpected()).toEqual([]);
});
