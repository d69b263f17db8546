import { expect, test } from "vitest";
import { pendingIn } from "../../../../../runtime/pulumi/state/pending-deployments.ts";

const deployment = (name: string, outputs: unknown, changes: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos-fleet:index:Host$nixos-fleet:index:NixosDeployment::${name}`,
  type: "nixos-fleet:index:NixosDeployment",
  outputs,
  ...changes,
});
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });

test("hosts whose deployment waits for them, by name", () => {
  const found = pendingIn(
    exported(
      deployment("laptop-deployment", { outcome: "pending", system: "/nix/store/x" }),
      deployment("my-deployment-deployment", { outcome: "pending" }),
      deployment("web-deployment", { outcome: "deployed" }),
      deployment("new-deployment", undefined),
      deployment("other-deployment", { outcome: "pending" }, { type: "nixos-fleet:index:NixosInstall" }),
      { urn: "urn:pulumi:prod::fleet::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack", outputs: {} },
    ),
  );
  expect([...found]).toEqual(["laptop", "my-deployment"]);
});

test("a stack without resources has none", () => {
  expect(pendingIn(exported()).size).toBe(0);
  expect(pendingIn('{"deployment":null}').size).toBe(0);
  expect(pendingIn('{"deployment":{}}').size).toBe(0);
});
