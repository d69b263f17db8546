/** What the real provider makes of errors: retried, or reported and put right by the next `up`. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FaultRuleInput } from "../../harness/cloud/faults.ts";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { MemoryMachineFactory } from "../../harness/cloud/memory-machines.ts";
import { baseShape, openStack, serverProgram, type TestStack, token } from "./hetzner-stack.ts";

let machines: MemoryMachineFactory;
let cloud: HetznerCloud;
let stack: TestStack;

async function up(): Promise<void> {
  await (await stack.with(serverProgram(baseShape, cloud.endpoint))).up();
}

/** Statuses of all attempts to create a server. */
function attempts(): number[] {
  return cloud.journal.matching("POST", /^\/servers$/).map(({ status }) => status);
}

function servers(): string[] {
  return cloud
    .inventory()
    .filter(({ kind }) => kind === "servers")
    .map(({ name }) => name);
}

function onCreate(status: number, code: string, times = 1): FaultRuleInput {
  return { method: "POST", path: "/servers", times, effect: { kind: "response", status, code } };
}

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startHetznerCloud({ token, machines });
  stack = await openStack("hetzner-faults");
});

afterEach(async () => {
  expect(cloud.journal.unexpected()).toEqual([]);
  expect(cloud.faults.pending()).toEqual([]);
  await (await stack.with(serverProgram(baseShape, cloud.endpoint))).destroy();
  expect(cloud.inventory()).toEqual([]);
  await cloud.close();
  await stack.close();
});

describe("creating a server", () => {
  it.each([
    ["429 rate_limit_exceeded twice", onCreate(429, "rate_limit_exceeded", 2), [429, 429, 201]],
    ["409 conflict", onCreate(409, "conflict"), [409, 201]],
  ])("is retried after %s", async (_, rule, statuses) => {
    cloud.faults.add(rule);
    await up();
    expect(attempts()).toEqual(statuses);
    expect(servers()).toEqual(["web"]);
  });

  it.each([
    [423, "locked"],
    [412, "placement_error"],
    [503, "unavailable"],
    [403, "resource_limit_exceeded"],
  ])("fails at once on %i %s; the next up creates it once", async (status, code) => {
    cloud.faults.add(onCreate(status, code));
    await expect(up()).rejects.toThrow(code);
    expect([servers(), machines.calls]).toEqual([[], []]);
    await up();
    expect(attempts()).toEqual([status, 201]);
    expect(servers()).toEqual(["web"]);
  });

  it("makes no second one when reading it back fails", async () => {
    cloud.faults.add({
      method: "GET",
      path: "/servers/*",
      effect: { kind: "response", status: 500, code: "server_error" },
    });
    await expect(up()).rejects.toThrow("server_error");
    expect(servers()).toEqual(["web"]);
    await up();
    expect(attempts()).toEqual([201]);
    expect(machines.machines.size).toBe(1);
  });

  it("whose machine does not start leaves it off, and the provider does not notice on the next up", async () => {
    machines.failNextCreate = new Error("no room for a disk");
    await expect(up()).rejects.toThrow("no room for a disk");
    await up();
    expect(attempts()).toEqual([201]);
    expect(servers()).toEqual(["web"]);
    expect(machines.machines.size).toBe(0);
  });

  it("whose answer got lost is in nobody's state: the next up meets its own server", async () => {
    cloud.faults.add({ method: "POST", path: "/servers", phase: "after", effect: { kind: "reset" } });
    await expect(up()).rejects.toThrow(/connection reset|EOF/);
    await expect(up()).rejects.toThrow("uniqueness_error");
    const [lost] = cloud.inventory();
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${cloud.endpoint}/servers/${lost?.id}`, { method: "DELETE", headers });
    await vi.waitFor(() => expect(servers()).toEqual([]), { timeout: 5000 });
    await up();
    expect(attempts()).toEqual([0, 409, 201]);
  });
});
