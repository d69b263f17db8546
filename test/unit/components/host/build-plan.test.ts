import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Host } from "../../../../components/host/host.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { inOrder } from "../../../../model/inventory/dependency-order.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { deploySpecSchema } from "../../../../model/protocol/deploy.ts";
import { installSpecSchema } from "../../../../model/protocol/install.ts";
import { unevaluatedSystem } from "../../../../model/protocol/unevaluated-system.ts";
import { hostContext, knownEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvuT7PZkPkmMrE5bIGH7hSg1ZJzVN9M8uM9Yp1vCgBd";
const toplevel = `/nix/store/${"a".repeat(32)}-nixos-system-web`;
const evaluator = knownEvaluator({
  ...unevaluatedSystem(toplevel, "x86_64-linux"),
  toplevelDerivation: `${toplevel}.drv`,
});

async function register(hosts: Record<string, object>): Promise<{ recording: Recording; order: string[] }> {
  const raw = { "hcloud:token": "t", "fleet:hosts": JSON.stringify(hosts) };
  pulumi.runtime.setAllConfig(raw, []);
  const inventory = buildInventory(parseConfiguration(raw));
  const order = inOrder(inventory.hosts);
  const recording = await recordProgram(() => {
    const context = hostContext(inventory, { hetznerName: "pulumi-nixos-test", evaluator });
    for (const host of order) context.registered.set(host.name, new Host(host, context));
  });
  return { recording, order: order.map(({ name }) => name) };
}

function plansOf(recording: Recording, host: string) {
  const specs = [
    { name: `${host}-install-run`, schema: installSpecSchema },
    { name: `${host}-deployment-run`, schema: deploySpecSchema },
  ].map(({ name, schema }) => {
    const { value } = recording.resource(name).inputs["stdin"] as { value: unknown };
    return schema.shape.build.parse((JSON.parse(String(value)) as { build: unknown }).build);
  });
  expect(specs[1]).toEqual(specs[0]);
  return specs[0];
}

describe("the place a host is built", () => {
  it("is told to install and deployment", async () => {
    const { recording } = await register({ web: {}, db: { build: { on: "target" } } });
    expect(plansOf(recording, "web")).toEqual({ on: "auto" });
    expect(plansOf(recording, "db")).toEqual({ on: "target" });
  });

  it("outside of the fleet is logged in to with the deploy key, and its key is pinned", async () => {
    const build = { on: "ssh://ci@[2001:db8::1]:2222", hostKey: key };
    const { recording } = await register({ web: { build } });
    expect(plansOf(recording, "web")).toEqual({
      on: "machine",
      machine: {
        name: "build-2001-db8--1",
        connection: {
          address: "2001:db8::1",
          port: 2222,
          user: "ci",
          privateKey: "private key of deploy-key-pair",
        },
        hostKey: key,
      },
    });
  });

  it("in the fleet is a host that is registered and installed first, whatever its name", async () => {
    const { recording, order } = await register({
      a: { build: { on: "m" } },
      m: { build: { on: "z" } },
      z: {},
    });
    expect(order).toEqual(["z", "m", "a"]);
    expect(plansOf(recording, "a")).toMatchObject({
      on: "machine",
      machine: { name: "m", connection: { address: "198.51.100.10", user: "root" } },
    });
    const needed = recording.options("a-install-run").dependsOn.join();
    expect(needed).toContain("m-install-run");
    expect(recording.options("z-install-run").dependsOn.join()).not.toContain("a-install-run");
  });
});
