import { afterEach, describe, expect, it, vi } from "vitest";
import type { MemoryMachine } from "../../../../../harness/cloud/memory-machines.ts";
import { newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHyAV7q8cvQ6Bhn5tsDdYiGqZ1pSnOxhEhWdDbBeJZ1a";

afterEach(() => vi.restoreAllMocks());

function machineOf(cloud: TestCloud): MemoryMachine {
  const [machine] = cloud.machines.machines.values();
  if (machine === undefined) throw new Error("the cloud has no machine");
  return machine;
}

async function keyId(cloud: TestCloud): Promise<unknown> {
  const made = await cloud.make("POST", "/ssh_keys", { name: "deploy", public_key: key });
  return (made["ssh_key"] as { id: number }).id;
}

describe("rescue", () => {
  it("is what the server boots next, with the keys asked for, and only once", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const act = (name: string, body?: object) => cloud.make("POST", `/servers/${id}/actions/${name}`, body);
    const machine = machineOf(cloud);
    const answer = await act("enable_rescue", { type: "linux64", ssh_keys: [await keyId(cloud)] });
    expect(answer).toMatchObject({ root_password: expect.any(String) });
    expect(cloud.machines.calls.find(({ method }) => method === "armRescue")?.arguments[0]).toEqual([key]);
    expect(await serverOf(cloud, id)).toMatchObject({ rescue_enabled: true, status: "running" });
    expect(machine.inRescue).toBe(false);
    await act("reset");
    expect(machine.inRescue).toBe(true);
    expect((await serverOf(cloud, id)).rescue_enabled).toBe(false);
    await act("reset");
    expect(machine.inRescue).toBe(false);
  });

  it.each([["reboot"], ["poweron"]])("is booted by %s as well", async (name) => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const act = (action: string, body?: object) =>
      cloud.make("POST", `/servers/${id}/actions/${action}`, body);
    if (name === "poweron") await act("poweroff");
    await act("enable_rescue", {});
    await act(name);
    expect(machineOf(cloud).inRescue).toBe(true);
  });

  it("is off again when it is taken back, and after an hour", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const act = (name: string, body?: object) => cloud.make("POST", `/servers/${id}/actions/${name}`, body);
    await act("enable_rescue", {});
    await act("disable_rescue");
    expect((await serverOf(cloud, id)).rescue_enabled).toBe(false);
    await act("enable_rescue", {});
    const soon = Date.now() + 61 * 60 * 1000;
    vi.spyOn(Date, "now").mockReturnValue(soon);
    expect((await serverOf(cloud, id)).rescue_enabled).toBe(false);
  });

  it("refuses what it does not know", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const path = (name: string) => `/servers/${id}/actions/${name}`;
    expect((await cloud.refused("POST", path("disable_rescue"))).error).toBe("409 conflict");
    expect((await cloud.refused("POST", path("enable_rescue"), { ssh_keys: [1] })).fields).toEqual([
      "ssh_keys",
    ]);
    expect((await cloud.refused("POST", path("enable_rescue"), { type: "vkvm" })).fields).toEqual(["type"]);
    const off = await newServer(cloud, { name: "off", start_after_create: false });
    const refused = await cloud.refused("POST", `/servers/${off}/actions/enable_rescue`, {});
    expect(refused.error).toBe("501 unsupported_error");
  });
});
