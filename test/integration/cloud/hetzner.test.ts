/** The life of a stack on the real engine with the real hcloud provider; each step goes on where the last ended. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { MemoryMachineFactory } from "../../harness/cloud/memory-machines.ts";
import {
  baseShape,
  fullProgram,
  openStack,
  requests,
  type Shape,
  type TestStack,
  token,
} from "./hetzner-stack.ts";
import { watchRequests } from "./watched.ts";

const machines = new MemoryMachineFactory({ bootMs: 200 });
let cloud: HetznerCloud;
let stack: TestStack;

function use(change: Partial<Shape> = {}): ReturnType<TestStack["with"]> {
  return stack.with(fullProgram({ ...baseShape, ...change }, cloud.endpoint));
}

/** Changes of the infrastructure: neither reads nor polls. */
function changes(): string[] {
  return requests(cloud)
    .filter((request) => !request.startsWith("GET"))
    .map((request) => request.replaceAll(/\d{6,}/g, "ID"));
}

function serverId(): number | undefined {
  return cloud.inventory().find(({ kind }) => kind === "servers")?.id;
}

beforeAll(async () => {
  cloud = await startHetznerCloud({ token, machines });
  stack = await openStack("hetzner-life");
});

afterAll(async () => {
  await cloud.close();
  await machines.close();
  await stack.close();
});

watchRequests(() => cloud);

describe("a host on Hetzner Cloud", () => {
  it("is created: one machine with the addresses, image and user data of its server", async () => {
    const { summary, outputs } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ create: 14 });
    expect(outputs).toMatchObject({
      status: { value: "running" },
      ipv4: { value: "198.51.100.20" },
      primaryIpv4: { value: "198.51.100.20" },
      ipv6: { value: "2001:db8:1:1::1" },
      privateIp: { value: "10.0.1.5" },
      dnsPtr: { value: "web.example.org" },
      device: { value: expect.stringContaining("scsi-0HC_Volume_") },
    });
    const [machine] = machines.machines.values();
    expect(machine?.spec).toMatchObject({
      id: `hc-${serverId()}`,
      hostname: "web",
      ipv4: "198.51.100.20",
      ipv6: "2001:db8:1:1::1",
      image: "debian-12",
      userData: "#cloud-config\n",
      authorizedKeys: [expect.stringMatching(/^ssh-ed25519 /)],
    });
    expect(machine?.volumes.size).toBe(1);
    expect(cloud.inventory().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "servers web",
      "ssh_keys deploy",
      "firewalls ssh",
      "networks net",
      expect.stringMatching(/^primary_ips web-ipv[46]$/),
      expect.stringMatching(/^primary_ips web-ipv[46]$/),
      "placement_groups spread",
      "volumes data",
    ]);
  });

  it("costs no request when nothing changed", async () => {
    const { summary } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ same: 14 });
    expect(requests(cloud)).toEqual([]);
  });

  it("has no drift after a refresh, which only reads", async () => {
    await (await use()).refresh({ expectNoChanges: true });
    expect(requests(cloud).length).toBeGreaterThanOrEqual(11);
    expect(changes()).toEqual([]);
  });

  it("shows drift made behind its back in a refresh", async () => {
    const response = await fetch(`${cloud.endpoint}/servers/${serverId()}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ labels: { role: "stolen" } }),
    });
    expect(response.status).toBe(200);
    await expect((await use()).refresh({ expectNoChanges: true })).rejects.toThrow(
      /no changes were expected/i,
    );
    const { summary } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ same: 13, update: 1 });
  });

  it("takes a label in place, without touching the machine", async () => {
    const before = [serverId(), machines.calls.length];
    const { summary } = await (await use({ labels: { role: "db" } })).up();
    expect(summary.resourceChanges).toEqual({ same: 13, update: 1 });
    expect(changes()).toEqual(["PUT /servers/ID -> 200"]);
    expect([serverId(), machines.calls.length]).toEqual(before);
  });

  it("changes its type in place: off, changed, on again", async () => {
    const [before, calls] = [serverId(), machines.calls.length];
    await (await use({ labels: { role: "db" }, serverType: "cx33" })).up();
    expect(changes()).toEqual([
      "POST /servers/ID/actions/poweroff -> 201",
      "POST /servers/ID/actions/change_type -> 201",
    ]);
    expect(serverId()).toBe(before);
    expect(machines.calls.slice(calls).map(({ method }) => method)).toEqual(["powerOff", "powerOn"]);
  });

  it("is replaced by another image, keeping its addresses and its volume", async () => {
    const before = serverId();
    const shape = { labels: { role: "db" }, serverType: "cx33", image: "ubuntu-24.04" };
    const { summary, outputs } = await (await use(shape)).up();
    expect(summary.resourceChanges).toEqual({ same: 11, replace: 3 });
    expect(serverId()).not.toBe(before);
    expect(outputs).toMatchObject({ ipv4: { value: "198.51.100.20" }, ipv6: { value: "2001:db8:1:1::1" } });
    expect(changes()[0]).toBe("POST /volumes/ID/actions/detach -> 201");
    const [machine, ...others] = machines.machines.values();
    expect([machine?.image, machine?.volumes.size, others]).toEqual(["ubuntu-24.04", 1, []]);
  });

  it("is not deleted while protected", async () => {
    const shape = { labels: { role: "db" }, serverType: "cx33", image: "ubuntu-24.04" };
    await (await use({ ...shape, deleteProtection: true })).up();
    await expect((await use({ ...shape, deleteProtection: true })).destroy()).rejects.toThrow(/protected/);
    expect([serverId() === undefined, machines.machines.size]).toEqual([false, 1]);
    await (await use(shape)).up();
  });

  it("is destroyed without a trace", async () => {
    await (await use()).destroy();
    expect(cloud.inventory()).toEqual([]);
    expect(machines.machines.size).toBe(0);
    expect(machines.calls.at(-1)?.method).toMatch(/^destroy/);
  });
});
