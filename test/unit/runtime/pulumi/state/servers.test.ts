import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { serversOf } from "../../../../../runtime/pulumi/state/servers.ts";
import { cacheChoices, cachedChoices } from "../../../../../runtime/pulumi/validated-choices.ts";

const resource = (type: string, name: string, inputs: object, more: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos-fleet:index:Host$${type}::${name}`,
  type,
  inputs,
  ...more,
});
const hetzner = { serverType: "cx23", location: "nbg1", image: "debian-12", name: "web" };

test("servers of both clouds by name, with what they were made with", () => {
  const resources = [
    resource("hcloud:index/server:Server", "web-instance", hetzner),
    resource("hcloud:index/server:Server", "old-instance", hetzner, { delete: true }),
    resource("hcloud:index/server:Server", "odd-instance", { ...hetzner, image: { secret: true } }),
    resource("hcloud:index/firewall:Firewall", "web-firewall", hetzner),
    resource("scaleway:instance/server:Server", "db-instance", {
      type: "DEV1-M",
      zone: "fr-par-1",
      image: "debian_bookworm",
    }),
    { urn: "urn:pulumi:prod::fleet::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack" },
  ];
  expect([...serversOf(JSON.stringify({ deployment: { resources } }))]).toEqual([
    ["web-instance", { provider: "hetzner", serverType: "cx23", locations: ["nbg1"], image: "debian-12" }],
    [
      "db-instance",
      { provider: "scaleway", instanceType: "DEV1-M", zones: ["fr-par-1"], image: "debian_bookworm" },
    ],
  ]);
  expect(serversOf('{"deployment":null}').size).toBe(0);
});

test("what was found right is remembered for each stack", async () => {
  const cacheRoot = mkdtempSync(path.join(tmpdir(), "fleet-choices-"));
  onTestFinished(() => rmSync(cacheRoot, { recursive: true, force: true }));
  const web = { provider: "hetzner" as const, serverType: "cx23", locations: ["nbg1"], image: "debian-12" };
  expect(await cachedChoices({ cacheRoot, environment: "prod" })).toEqual({});
  await cacheChoices({ cacheRoot, environment: "prod" }, { web });
  expect(await cachedChoices({ cacheRoot, environment: "prod" })).toEqual({ web });
  expect(await cachedChoices({ cacheRoot, environment: "test" })).toEqual({});
});
