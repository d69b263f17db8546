import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Host } from "../../../../components/host/host.ts";
import { credentialsOutput, hostOutputs } from "../../../../components/outputs.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { configurationSchema } from "../../../../model/config/schema.ts";
import { inOrder } from "../../../../model/inventory/dependency-order.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { scanHostKeySpecSchema } from "../../../../model/protocol/scan-host-key.ts";
import { plainSettings } from "../../../plain-deployment.ts";
import { hostContext, waitingEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
/** What the mock engine gives as public half of every key pair. */
const madeKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHyAV7q8cvQ6Bhn5tsDdYiGqZ1pSnOxhEhWdDbBeJZ1a";

interface Registration {
  readonly recording: Recording;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly credentials: unknown;
}

const known = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

async function register(hosts: Record<string, object>): Promise<Registration> {
  const raw = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify(hosts),
    "fleet:secrets": '{"cellar-key":"key of the cellar"}',
  };
  pulumi.runtime.setAllConfig(raw, ["fleet:secrets"]);
  const inventory = buildInventory(parseConfiguration(raw, {}, { isSecret: () => true, plain: [] }));
  let outputs: Record<string, unknown> = {};
  let credentials: unknown;
  const recording = await recordProgram(async () => {
    const context = hostContext(inventory, { hetznerName: "x", evaluator: waitingEvaluator });
    const { deployKey, registered, secrets } = context;
    for (const host of inOrder(inventory.hosts)) registered.set(host.name, new Host(host, context));
    const entries = Object.entries(hostOutputs(inventory, registered)).map(
      async ([name, { jump }]) => [name, await known(pulumi.output(jump))] as const,
    );
    outputs = Object.fromEntries(await Promise.all(entries));
    credentials = await known(credentialsOutput(deployKey, inventory, secrets));
  });
  return { recording, outputs, credentials };
}

/** Standard input of a command without its secret wrapper. */
function inputOf(recording: Recording, name: string): unknown {
  const { stdin } = recording.resource(name).inputs;
  return JSON.parse(String((stdin as { value: unknown }).value));
}

describe("a host behind others", () => {
  const cellar = { address: "203.0.113.9", hostKey: `${key} comment`, user: "ops", key: "cellar-key" };
  const settings = {
    // Before the bastion in the alphabet: order of making is not order of names.
    app: {
      provider: "existing",
      address: "10.0.0.2",
      trustOnFirstUse: true,
      ssh: { jump: ["bastion", cellar] },
    },
    bastion: {},
  };
  const hops = [
    { name: "bastion", address: "198.51.100.10", port: 22, user: "root", hostKey: madeKey },
    { name: "203.0.113.9", address: "203.0.113.9", port: 22, user: "ops", hostKey: key },
  ];
  const keys = [null, "key of the cellar"];
  const withKeys = hops.map((hop, index) => ({ ...hop, privateKey: keys[index] }));

  it("gets its way from their resources, and waits until they are installed", async () => {
    const { recording } = await register(settings);
    const contact = scanHostKeySpecSchema.parse(inputOf(recording, "app-host-key-scan"));
    expect(contact.through).toEqual({ jump: withKeys, privateKey: "private key of deploy-key-pair" });
    expect(recording.options("app-host-key-scan").dependsOn).toEqual(["bastion-install-run"]);
    expect(recording.options("app-install-run").dependsOn).toEqual([
      "app-host-key-scan",
      "bastion-install-run",
    ]);
    expect(recording.options("bastion-install-run").dependsOn).toEqual(["bastion-instance"]);
  });

  it("is shown with its way, whose keys are in the secret output alone", async () => {
    const { outputs, credentials } = await register(settings);
    expect(outputs).toEqual({
      app: hops.map((hop, index) => ({ ...hop, key: [null, "cellar-key"][index] })),
      bastion: [],
    });
    expect(credentials).toEqual({
      privateKey: "private key of deploy-key-pair",
      secrets: { "cellar-key": "key of the cellar" },
      deployments: { app: plainSettings, bastion: plainSettings },
      deadlines: configurationSchema.shape.deadlines.parse({}).deploy,
    });
  });
});
