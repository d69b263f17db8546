import { expect, it } from "vitest";
import { parseResources } from "../../../../runtime/pulumi/state-resources.ts";

const urn = (name: string) =>
  `urn:pulumi:test::pulumi-nixos::nixos:index:Host$command:local:Command::${name}`;

it("reads the resources of an export by their own names, without those about to be removed", () => {
  const type = "command:local:Command";
  const resources = [
    { urn: urn("web-install-run"), type, inputs: { triggers: ["a"] }, outputs: { stdout: "b" }, id: "x" },
    { urn: urn("web-install-run"), type, delete: true, inputs: { triggers: ["old"] } },
    { urn: urn("db-install-run"), type, delete: false },
  ];
  expect(parseResources(JSON.stringify({ version: 3, deployment: { resources } }))).toEqual([
    { name: "web-install-run", type, inputs: { triggers: ["a"] }, outputs: { stdout: "b" } },
    { name: "db-install-run", type, inputs: {}, outputs: {} },
  ]);
});

it("finds none in a stack that has none, and refuses what is not an export", () => {
  for (const deployment of [null, {}, { resources: [] }])
    expect(parseResources(JSON.stringify({ deployment }))).toEqual([]);
  expect(() => parseResources("{}")).toThrow();
});
