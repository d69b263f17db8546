import { describe, expect, it, vi } from "vitest";
import { idOf, newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

function volume(cloud: TestCloud, change: object = {}): Promise<number> {
  return idOf(cloud, "volume", "/volumes", { name: "data", size: 10, location: "fsn1", ...change });
}

const deviceCalls = (cloud: TestCloud) =>
  cloud.machines.calls
    .filter(({ method }) => /olume/.test(method))
    .map(({ method, arguments: args }) => [method, ...args]);

describe("/volumes", () => {
  it("say their device", async () => {
    const cloud = await startTestCloud();
    const id = await volume(cloud, { format: "ext4", labels: { a: "1" } });
    expect(await cloud.make("GET", `/volumes/${id}`)).toMatchObject({
      volume: {
        name: "data",
        size: 10,
        format: "ext4",
        server: null,
        status: "available",
        linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${id}`,
        location: { name: "fsn1" },
        labels: { a: "1" },
        protection: { delete: false },
      },
    });
  });

  it("are attached to the machine, detached, and their file removed at the end", async () => {
    const cloud = await startTestCloud();
    const [id, server] = [await volume(cloud), await newServer(cloud)];
    await cloud.make("POST", `/volumes/${id}/actions/attach`, { server, automount: false });
    expect((await serverOf(cloud, server)).volumes).toEqual([id]);
    expect((await cloud.refused("DELETE", `/volumes/${id}`)).error).toBe("409 resource_in_use");
    const again = await cloud.refused("POST", `/volumes/${id}/actions/attach`, { server });
    expect(again.error).toBe("422 volume_already_attached");
    await cloud.make("POST", `/volumes/${id}/actions/detach`);
    expect((await cloud.refused("POST", `/volumes/${id}/actions/detach`)).error).toBe(
      "422 volume_not_attached",
    );
    expect((await cloud.call("DELETE", `/volumes/${id}`)).status).toBe(204);
    expect(deviceCalls(cloud)).toEqual([
      ["attachVolume", String(id), 100],
      ["detachVolume", String(id)],
      ["destroyVolume"],
    ]);
  });

  it("can be there from a server's first boot", async () => {
    const cloud = await startTestCloud();
    const id = await volume(cloud);
    const server = await newServer(cloud, { volumes: [id], start_after_create: false });
    expect((await serverOf(cloud, server)).volumes).toEqual([id]);
    expect(deviceCalls(cloud)).toEqual([]);
    await cloud.make("POST", `/servers/${server}/actions/poweron`);
    expect(deviceCalls(cloud)).toEqual([["attachVolume", String(id), 100]]);
  });

  it("can be made for a server, and outlive it", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const answer = await cloud.make("POST", "/volumes", { name: "data", size: 20, server });
    expect(answer).toMatchObject({
      action: { command: "create_volume" },
      next_actions: [{ command: "attach_volume" }],
      volume: { server: null, status: "creating" },
    });
    await cloud.make("DELETE", `/servers/${server}`);
    expect(deviceCalls(cloud).map(([method]) => method)).toEqual(["attachVolume", "detachVolume"]);
    expect(cloud.cloud.inventory()).toMatchObject([{ kind: "volumes", name: "data" }]);
    expect(await cloud.make("GET", "/volumes?name=data")).toMatchObject({ volumes: [{ server: null }] });
  });

  it("belong to no server whose machine could not take them", async () => {
    const cloud = await startTestCloud();
    const [id, server] = [await volume(cloud), await newServer(cloud)];
    const [machine] = cloud.machines.machines.values();
    if (machine === undefined) throw new Error("no machine");
    vi.spyOn(machine, "attachVolume").mockRejectedValue(new Error("no loop device"));
    await expect(cloud.make("POST", `/volumes/${id}/actions/attach`, { server })).rejects.toThrow(
      "no loop device",
    );
    expect((await serverOf(cloud, server)).volumes).toEqual([]);
  });

  it("grow, and are protected", async () => {
    const cloud = await startTestCloud();
    const id = await volume(cloud);
    expect((await cloud.refused("POST", `/volumes/${id}/actions/resize`, { size: 10 })).fields).toEqual([
      "size",
    ]);
    await cloud.make("POST", `/volumes/${id}/actions/resize`, { size: 30 });
    await cloud.make("POST", `/volumes/${id}/actions/change_protection`, { delete: true });
    expect(await cloud.make("GET", `/volumes/${id}`)).toMatchObject({
      volume: { size: 30, protection: { delete: true } },
    });
    expect((await cloud.refused("DELETE", `/volumes/${id}`)).error).toBe("423 protected");
  });

  it("are locked, with their server, while an action runs", async () => {
    const cloud = await startTestCloud({ actionMs: 300 });
    const [id, server] = [await volume(cloud), await newServer(cloud)];
    await cloud.call("POST", `/volumes/${id}/actions/attach`, { server });
    expect((await cloud.refused("DELETE", `/volumes/${id}`)).error).toBe("423 locked");
    expect((await cloud.refused("POST", `/volumes/${id}/actions/resize`, { size: 20 })).error).toBe(
      "423 locked",
    );
    expect((await cloud.refused("POST", `/servers/${server}/actions/reset`)).error).toBe("423 locked");
    expect((await cloud.refused("POST", "/volumes", { name: "b", size: 10, server })).error).toBe(
      "423 locked",
    );
  });

  it.each([
    ["too small", { size: 9 }, "size"],
    ["too large", { size: 10_241 }, "size"],
    ["of an unknown format", { format: "btrfs" }, "format"],
    ["nowhere", { location: undefined }, "location"],
    ["on the moon", { location: "moon" }, "location"],
    ["for a server that is not there", { location: undefined, server: 5 }, "server"],
  ])("are refused %s", async (_, change, field) => {
    const { refused, cloud } = await startTestCloud();
    const body = { name: "data", size: 10, location: "fsn1", ...change };
    expect((await refused("POST", "/volumes", body)).fields).toEqual([field]);
    expect(cloud.inventory()).toEqual([]);
  });

  it("stay in their location, and are sixteen per server", async () => {
    const cloud = await startTestCloud({ actionMs: 0 });
    const server = await newServer(cloud);
    const far = await volume(cloud, { name: "far", location: "hel1" });
    expect((await cloud.refused("POST", `/volumes/${far}/actions/attach`, { server })).fields).toEqual([
      "server",
    ]);
    expect((await cloud.refused("POST", `/volumes/${far}/actions/attach`, { server: 1 })).fields).toEqual([
      "server",
    ]);
    for (let index = 0; index < 16; index += 1) {
      await cloud.make("POST", "/volumes", { name: `v${index}`, size: 10, server });
    }
    const one = { name: "v16", size: 10 };
    expect((await cloud.refused("POST", "/volumes", { ...one, server })).error).toBe(
      "403 resource_limit_exceeded",
    );
    const id = await volume(cloud, one);
    expect((await cloud.refused("POST", `/volumes/${id}/actions/attach`, { server })).error).toBe(
      "403 resource_limit_exceeded",
    );
  });

  it("are made in a location or for a server, not both", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const body = { name: "data", size: 10, location: "fsn1", server };
    expect((await cloud.refused("POST", "/volumes", body)).fields).toEqual(["location"]);
  });
});
