import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createHosts } from "../../../../components/rollout/rollout.ts";
import { ConcurrencyLimit } from "../../../../components/shared/concurrency-limit.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { gateSpecSchema } from "../../../../model/protocol/gate.ts";
import { unevaluatedSystem } from "../../../../model/protocol/unevaluated-system.ts";
import { hostContext, knownEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

/** A program that rolls out to machines `a`, `b`, `c` and `d`; `d` has the tag `last`. */
async function register(
  rollout: object,
  letter = "x",
  unreachable: readonly string[] = [],
): Promise<Recording> {
  const names = ["a", "b", "c", "d"];
  const hosts = Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        ...{ provider: "existing", bootstrap: "none", address: `203.0.113.${index}` },
        trustOnFirstUse: true,
        allowUnreachable: unreachable.includes(name),
        tags: name === "d" ? ["last"] : [],
      },
    ]),
  );
  const raw = { "fleet:hosts": JSON.stringify(hosts), "fleet:rollout": JSON.stringify(rollout) };
  const inventory = buildInventory(parseConfiguration(raw));
  const evaluator = knownEvaluator(
    unevaluatedSystem(`/nix/store/${letter.repeat(32)}-system`, "x86_64-linux"),
  );
  return recordProgram(() => {
    const components = createHosts(hostContext(inventory, { evaluator }));
    expect([...components.keys()].sort()).toEqual(names);
  });
}

const dependencies = (recording: Recording, name: string) => recording.options(name).dependsOn;

describe("rollOut", () => {
  it("makes no gate and no dependency between hosts where there is one wave", async () => {
    const recording = await register({});
    expect(recording.resources.filter(({ name }) => name.startsWith("gate"))).toEqual([]);
    for (const host of ["a", "d"])
      expect(dependencies(recording, `${host}-deployment-run`)).toEqual([`${host}-install-run`]);
  });

  it("lets deployments wait for the gate of the wave before, and each gate for its wave", async () => {
    const recording = await register({ canary: ["@last"], waves: ["b"] });
    expect(dependencies(recording, "d-deployment-run")).toEqual(["d-install-run"]);
    expect(dependencies(recording, "gate-canary-run")).toEqual(["d-deployment-run"]);
    expect(dependencies(recording, "b-deployment-run")).toEqual(["b-install-run", "gate-canary-run"]);
    expect(dependencies(recording, "gate-wave-1-run")).toEqual(["b-deployment-run"]);
    for (const host of ["a", "c"])
      expect(dependencies(recording, `${host}-deployment-run`)).toEqual([
        `${host}-install-run`,
        "gate-wave-1-run",
      ]);
    for (const host of ["a", "b", "c", "d"])
      expect(dependencies(recording, `${host}-install-run`)).toEqual([`${host}-host-key-scan`]);
    expect(recording.resources.map(({ name }) => name)).not.toContain("gate-rest-run");
  });

  it("runs a gate again for other systems and for other deployments, by two texts of one length", async () => {
    const triggersOf = async (letter: string) =>
      (await register({ canary: ["a", "b"] }, letter)).resource("gate-canary-run").inputs["triggers"];
    const [first, second] = [await triggersOf("x"), await triggersOf("y")];
    const text = expect.stringMatching(/^[0-9a-f]{64}$/);
    for (const triggers of [first, second]) expect(triggers).toEqual([text, text]);
    expect(first).not.toEqual(second);
  });

  it("holds hosts that may be away to nothing, and waits for their deployments nevertheless", async () => {
    const hostsOf = (recording: Recording) => {
      const { value } = z
        .object({ value: z.string() })
        .parse(recording.resource("gate-canary-run").inputs["stdin"]);
      return gateSpecSchema.shape.hosts.parse(
        z.object({ hosts: z.unknown() }).parse(JSON.parse(value)).hosts,
      );
    };
    const recording = await register({ canary: ["a", "b"] }, "x", ["b"]);
    expect(hostsOf(recording).map(({ host }) => host)).toEqual(["a"]);
    expect(dependencies(recording, "gate-canary-run")).toEqual(["a-deployment-run", "b-deployment-run"]);
    expect(hostsOf(await register({ canary: ["a"] }, "x", ["a"]))).toEqual([]);
  });

  it("marks all deployments of one run as one update, and lets that deploy nothing", async () => {
    const recording = await register({ canary: ["a"] });
    const inputs = ["a", "d"].map((host) => recording.resource(`${host}-deployment-run`).inputs);
    const [first, second] = inputs.map(({ stdin }) => JSON.parse((stdin as { value: string }).value).update);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
    for (const { stdin: _, ...others } of inputs) expect(JSON.stringify(others)).not.toContain(first);
    expect(recording.options("a-deployment-run").ignoreChanges).toContain("stdin");
  });

  it("hands the deploy key to a gate on standard input only", async () => {
    const { stdin, ...others } = (await register({ canary: ["a"] })).resource("gate-canary-run").inputs;
    expect(JSON.stringify(stdin)).toContain("private key of deploy-key-pair");
    expect(JSON.stringify(others)).not.toMatch(/private key/i);
    expect(others["create"]).toMatch(/ internal gate$/);
  });
});

describe("DeploymentSlots", () => {
  it("lets no more begin than there are slots, in order", async () => {
    const deploymentLimit = new ConcurrencyLimit(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    for (const number of [0, 1, 2, 3]) {
      const { input, until } = deploymentLimit.acquire(pulumi.output(number), async () => {});
      input.apply((value) => begun.push(value));
      until(pulumi.output(new Promise<void>((resolve) => ends.push(resolve))));
    }
    const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
    await settled();
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    await settled();
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it("gives no slot to what waits for something else", async () => {
    const deploymentLimit = new ConcurrencyLimit(1);
    const begun: string[] = [];
    let gate: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      gate = resolve;
    });
    const early = deploymentLimit.acquire(pulumi.output("early"), () => closed);
    early.input.apply((value) => begun.push(value));
    early.until(pulumi.output(null));
    const late = deploymentLimit.acquire(pulumi.output("late"), async () => {});
    late.input.apply((value) => begun.push(value));
    late.until(pulumi.output(null));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun).toEqual(["late"]);
    gate();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(begun).toEqual(["late", "early"]);
  });
});
