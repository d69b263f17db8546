/** The life of a stack on the real engine with the real Scaleway provider; each step goes on where the last ended. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryMachineFactory } from "../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { openStack, type TestStack } from "./hetzner-stack.ts";
import { baseShape, fullProgram, requests, type Shape, userData, zone } from "./scaleway-stack.ts";
import { watchRequests } from "./watched.ts";

const machines = new MemoryMachineFactory({ bootMs: 200 });
let cloud: ScalewayCloud;
let stack: TestStack;

function use(change: Partial<Shape> = {}): ReturnType<TestStack["with"]> {
  return stack.with(fullProgram({ ...baseShape, ...change }, cloud.access));
}

/** Changes of the infrastructure: neither reads nor polls. */
function changes(): string[] {
  return requests(cloud).filter((request) => !request.startsWith("GET"));
}

function serverId(): string | undefined {
  return cloud.inventory().find(({ kind }) => kind === "servers")?.id;
}

/** Somebody else at work in the same project. */
async function behindItsBack(method: string, path: string, body?: object): Promise<void> {
  const { apiUrl, secretKey } = cloud.access;
  const response = await fetch(`${apiUrl}/instance/v1/zones/${zone}/servers/${serverId()}${path}`, {
    method,
    headers: { "x-auth-token": secretKey, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

beforeAll(async () => {
  cloud = await startScalewayCloud({ machines });
  stack = await openStack("scaleway-life");
});

afterAll(async () => {
  await cloud.close();
  await machines.close();
  await stack.close();
});

watchRequests(() => cloud);

describe("a host on Scaleway", () => {
  it("is created: one machine with the addresses, image and user data of its server", async () => {
    const { summary, outputs } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ create: 7 });
    const ipv6 = expect.stringMatching(/^2001:db8:1:1:dc00:ff:fe/);
    expect(outputs).toMatchObject({
      state: { value: "started" },
      ipv4: { value: "198.51.100.20" },
      publicIps: {
        value: [
          { address: "198.51.100.20", family: "inet" },
          { address: ipv6, family: "inet6" },
        ],
      },
    });
    const [machine] = machines.machines.values();
    expect(machine?.spec).toMatchObject({
      hostname: "web",
      ipv4: "198.51.100.20",
      ipv6,
      image: "debian-12",
      userData,
      authorizedKeys: [expect.stringMatching(/^ssh-ed25519 /)],
    });
    expect(cloud.inventory().map(({ kind }) => kind)).toEqual([
      "servers",
      "ips",
      "ips",
      "security_groups",
      "volumes",
      "ssh_keys",
    ]);
  });

  it("costs no request when nothing changed", async () => {
    const { summary } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ same: 7 });
    expect(requests(cloud)).toEqual([]);
  });

  it("has no drift after a refresh, which only reads", async () => {
    await (await use()).refresh({ expectNoChanges: true });
    expect(requests(cloud).length).toBeGreaterThanOrEqual(5);
    expect(changes()).toEqual([]);
  });

  it("shows drift made behind its back in a refresh", async () => {
    await behindItsBack("PATCH", "", { tags: ["stolen"] });
    cloud.journal.clear();
    await expect((await use()).refresh({ expectNoChanges: true })).rejects.toThrow(
      /no changes were expected/i,
    );
    const { summary } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ same: 6, update: 1 });
  });

  it("takes a tag in place, without touching the machine", async () => {
    const before = [serverId(), machines.calls.length];
    const { summary } = await (await use({ tags: ["role=db"] })).up();
    expect(summary.resourceChanges).toEqual({ same: 6, update: 1 });
    expect(changes()).toEqual(["PATCH /instance/v1/servers/ID -> 200"]);
    expect([serverId(), machines.calls.length]).toEqual(before);
  });

  it("opens a port in place", async () => {
    await (await use({ tags: ["role=db"], ports: [22, 80, 443] })).up();
    expect(changes()).toEqual([
      "PATCH /instance/v1/security_groups/ID -> 200",
      "PUT /instance/v1/security_groups/ID/rules -> 200",
    ]);
  });

  it("changes its type in place: off, changed, on again", async () => {
    const [before, calls] = [serverId(), machines.calls.length];
    await (await use({ type: "DEV1-M" })).up();
    expect(changes()).toContain("PATCH /instance/v1/servers/ID -> 200");
    expect(serverId()).toBe(before);
    expect(machines.calls.slice(calls).map(({ method }) => method)).toEqual(["shutdown", "powerOn"]);
  });

  it("is replaced by another image, keeping its addresses", async () => {
    const before = serverId();
    const { summary, outputs } = await (await use({ image: "ubuntu_noble" })).up();
    expect(summary.resourceChanges).toMatchObject({ replace: 1 });
    expect(serverId()).not.toBe(before);
    expect(outputs).toMatchObject({ ipv4: { value: "198.51.100.20" } });
    const [machine, ...others] = machines.machines.values();
    expect([machine?.image, machine?.spec.ipv4, others]).toEqual(["ubuntu-24.04", "198.51.100.20", []]);
  });

  it("comes again after somebody deleted it by hand", async () => {
    await behindItsBack("POST", "/action", { action: "terminate" });
    await expect.poll(serverId, { timeout: 20_000 }).toBeUndefined();
    await (await use({ image: "ubuntu_noble" })).refresh();
    const { summary } = await (await use({ image: "ubuntu_noble" })).up();
    expect(summary.resourceChanges).toMatchObject({ create: 1 });
    expect(machines.machines.size).toBe(1);
  });

  it("is destroyed without a trace", async () => {
    await (await use()).destroy();
    expect(cloud.inventory().filter(({ kind }) => kind !== "volumes")).toEqual([]);
    expect(machines.machines.size).toBe(0);
  });
});
