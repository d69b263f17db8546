import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";
import { slaacAddress } from "../../../../harness/cloud/scaleway/resources/machine-control.ts";
import { Client, zone } from "./client.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGVYt0Zvu7vJ4VNMv8i0Q8ZvJpHY2hEJ6YpWOqgJqcU";

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;
let client: Client;

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines, actionMs: 5 });
  client = new Client(cloud);
});

afterEach(async () => {
  await cloud.close();
});

describe("servers of the emulated Scaleway", () => {
  it("boots a machine with the addresses, keys and user data it has by then", async () => {
    const ipv4 = await client.make("ips", { type: "routed_ipv4" }, "ip");
    const ipv6 = await client.make("ips", { type: "routed_ipv6" }, "ip");
    const id = await client.newServer({ public_ips: [ipv4, ipv6] });
    expect(await client.show(id)).toMatchObject({
      state: "stopped",
      public_ip: { address: "198.51.100.20", netmask: "32" },
    });
    expect(machines.machines.size).toBe(0);
    await client.call("POST", "/iam/v1alpha1/ssh-keys", {
      name: "deploy",
      public_key: `${key} comment`,
      project_id: cloud.access.projectId,
    });
    expect(
      (await client.call("PATCH", `${zone}/servers/${id}/user_data/cloud-init`, "#cloud-config\n")).status,
    ).toBe(204);
    await client.act(id, "poweron", "running");
    const [machine] = machines.machines.values();
    expect(machine?.spec).toMatchObject({
      hostname: "web",
      ipv4: "198.51.100.20",
      ipv6: expect.stringMatching(/^2001:db8:1:1:dc00:ff:fe[0-9a-f]{2}:[0-9a-f]{1,4}$/),
      image: "debian-12",
      userData: "#cloud-config\n",
      authorizedKeys: [key],
    });
    expect((await client.call("GET", `${zone}/servers/${id}/user_data/cloud-init`)).body).toBe(
      "#cloud-config\n",
    );
  });

  it("is busy while a server starts, and says why one did not", async () => {
    const id = await client.newServer();
    let fail: (reason: Error) => void = () => undefined;
    const held = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const create = vi.spyOn(machines, "create").mockReturnValue(held);
    expect((await client.call("POST", `${zone}/servers/${id}/action`, { action: "poweron" })).status).toBe(
      202,
    );
    expect(await client.call("POST", `${zone}/servers/${id}/action`, { action: "poweron" })).toMatchObject({
      status: 409,
      body: { type: "transient_state", current_state: "starting" },
    });
    await vi.waitFor(() => expect(create).toHaveBeenCalled(), { timeout: 10_000 });
    fail(new Error("no room"));
    await vi.waitFor(async () => expect((await client.show(id)).state).toBe("stopped"), { timeout: 10_000 });
    expect((await client.show(id)).state_detail).toBe("no room");
  });

  it("terminates a running server: its disk and its addresses stay", async () => {
    const ip = await client.make("ips", { type: "routed_ipv4" }, "ip");
    const id = await client.newServer({ public_ips: [ip] });
    const disk = (await client.show(id)).volumes["0"].id;
    expect((await client.call("POST", `${zone}/servers/${id}/action`, { action: "terminate" })).status).toBe(
      400,
    );
    await client.act(id, "poweron", "running");
    expect((await client.call("DELETE", `/block/v1/zones/fr-par-1/volumes/${disk}`)).status).toBe(412);
    await client.call("POST", `${zone}/servers/${id}/action`, { action: "terminate" });
    await vi.waitFor(() => expect(machines.machines.size).toBe(0), { timeout: 10_000 });
    await vi.waitFor(() => expect(cloud.inventory().map(({ kind }) => kind)).toEqual(["ips", "volumes"]), {
      timeout: 10_000,
    });
    expect((await client.call("DELETE", `/block/v1/zones/fr-par-1/volumes/${disk}`)).status).toBe(204);
    expect((await client.call("DELETE", `${zone}/ips/${ip}`)).status).toBe(204);
    expect(cloud.inventory()).toEqual([]);
  });

  it("does not delete what is protected, in use, or running", async () => {
    const group = await client.make("security_groups", { name: "g" }, "security_group");
    const id = await client.newServer({ security_group: group, protected: true });
    expect((await client.call("DELETE", `${zone}/security_groups/${group}`)).status).toBe(400);
    expect((await client.call("DELETE", `${zone}/servers/${id}`)).status).toBe(412);
    await client.act(id, "poweron", "running");
    expect((await client.call("POST", `${zone}/servers/${id}/action`, { action: "terminate" })).status).toBe(
      412,
    );
    await client.call("PATCH", `${zone}/servers/${id}`, { protected: false });
    expect((await client.call("DELETE", `${zone}/servers/${id}`)).status).toBe(400);
    await client.act(id, "poweroff", "stopped");
    expect((await client.call("DELETE", `${zone}/servers/${id}`)).status).toBe(204);
    expect((await client.call("DELETE", `${zone}/security_groups/${group}`)).status).toBe(204);
  });

  it("changes the type of a server that is off, to one that its disk boots on", async () => {
    const id = await client.newServer();
    const change = (type: string) => client.call("PATCH", `${zone}/servers/${id}`, { commercial_type: type });
    expect((await change("DEV1-M")).status).toBe(200);
    expect((await change("BASIC2-A2C-4G")).status).toBe(400);
    expect((await change("DEV9-M")).status).toBe(400);
    await client.act(id, "poweron", "running");
    expect((await change("DEV1-L")).status).toBe(400);
    expect(await client.show(id)).toMatchObject({ commercial_type: "DEV1-M" });
  });

  it("gives an address to one server at a time, and moves it while that runs", async () => {
    const ip = await client.make("ips", { type: "routed_ipv4" }, "ip");
    const id = await client.newServer({ public_ips: [ip] });
    const image = await client.imageId();
    const second = { name: "db", commercial_type: "DEV1-S", image, volumes: { "0": {} }, public_ips: [ip] };
    const project = cloud.access.projectId;
    expect((await client.call("POST", `${zone}/servers`, { ...second, project })).status).toBe(412);
    expect(cloud.inventory().filter(({ kind }) => kind === "servers").length).toBe(1);
    await client.act(id, "poweron", "running");
    await client.call("PATCH", `${zone}/ips/${ip}`, { server: null });
    const [machine] = machines.machines.values();
    expect(machine?.addresses).toEqual([null, null]);
    await client.call("PATCH", `${zone}/ips/${ip}`, { server: id });
    expect(machine?.addresses).toEqual(["198.51.100.20", null]);
  });
});

describe("slaacAddress", () => {
  it("is the network and the modified EUI-64 of the card", () => {
    // As recorded from the real cloud.
    expect(slaacAddress("2001:db8:711:4014::/64", "de:00:01:27:16:ab")).toBe(
      "2001:db8:711:4014:dc00:1ff:fe27:16ab",
    );
  });
});
