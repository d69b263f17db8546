/** What the real Scaleway provider makes of errors: retried, or reported and put right by refresh and the next `up`. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FaultRuleInput } from "../../harness/cloud/faults.ts";
import { MemoryMachineFactory } from "../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { openStack, type TestStack } from "./hetzner-stack.ts";
import { baseShape, serverProgram, userData } from "./scaleway-stack.ts";

const servers = "/instance/v1/zones/*/servers";

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;
let stack: TestStack;

const use = () => stack.with(serverProgram(baseShape, cloud.access));

async function up(): Promise<void> {
  await (await use()).up();
}

/** Statuses of all attempts to create a server. */
function attempts(): number[] {
  return cloud.journal.matching("POST", /\/servers$/).map(({ status }) => status);
}

function names(): string[] {
  return cloud
    .inventory()
    .filter(({ kind }) => kind === "servers")
    .map(({ name }) => name);
}

function failure(
  method: "POST" | "PATCH",
  path: string,
  status: number,
  code: string,
  times = 1,
): FaultRuleInput {
  return { method, path, times, effect: { kind: "response", status, code } };
}

/** What was left half-made is seen by a refresh alone. */
async function refreshAndUp(): Promise<void> {
  await (await use()).refresh();
  await up();
}

function running(): (string | null)[] {
  return [...machines.machines.values()].map((machine) => machine.spec.userData);
}

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines });
  stack = await openStack("scaleway-faults");
});

afterEach(async () => {
  expect(cloud.journal.unexpected()).toEqual([]);
  expect(cloud.faults.pending()).toEqual([]);
  await (await use()).destroy();
  expect(names()).toEqual([]);
  expect(machines.machines.size).toBe(0);
  await cloud.close();
  await stack.close();
});

describe("creating an instance", () => {
  it("gets through a storm of 429 and 5xx", async () => {
    cloud.faults.add(failure("POST", servers, 429, "too_many_requests", 2));
    cloud.faults.add(failure("PATCH", `${servers}/**`, 502, "bad_gateway"));
    cloud.faults.add(failure("POST", `${servers}/**`, 503, "internal_error"));
    await up();
    expect(attempts()).toEqual([429, 429, 201]);
    expect([names(), running()]).toEqual([["web"], [userData]]);
  });

  it("fails at once on 403 quotas_exceeded; the next up creates it once", async () => {
    cloud.faults.add(failure("POST", servers, 403, "quotas_exceeded"));
    await expect(up()).rejects.toThrow(/quota/);
    expect([names(), machines.calls]).toEqual([[], []]);
    await up();
    expect(attempts()).toEqual([403, 201]);
  });

  it("that stops before the user data is put right by refresh and up", async () => {
    cloud.faults.add(failure("PATCH", `${servers}/**`, 403, "permissions_denied"));
    await expect(up()).rejects.toThrow(/403|permission/i);
    expect([names(), running()]).toEqual([["web"], []]);
    await refreshAndUp();
    expect([attempts(), running()]).toEqual([[201], [userData]]);
  });

  it("that stops before its start is started by refresh and up, with its user data", async () => {
    cloud.faults.add(failure("POST", `${servers}/**`, 403, "permissions_denied"));
    await expect(up()).rejects.toThrow(/403|permission/i);
    await refreshAndUp();
    expect([attempts(), running()]).toEqual([[201], [userData]]);
  });

  it("whose machine does not start is told with the reason, and started by refresh and up", async () => {
    machines.failNextCreate = new Error("no room for a disk");
    await expect(up()).rejects.toThrow("no room for a disk");
    await refreshAndUp();
    expect([attempts(), running()]).toEqual([[201], [userData]]);
  });
});
