import { describe, expect, it } from "vitest";
import { newServer, serverOf, startTestCloud } from "../client.ts";

describe("change_type", () => {
  it("needs the server off, keeps the disk if told, and starts it again", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const path = `/servers/${id}/actions/change_type`;
    const body = { server_type: "cx33", upgrade_disk: false };
    expect((await cloud.refused("POST", path, body)).error).toBe("422 server_not_stopped");
    await cloud.make("POST", `/servers/${id}/actions/poweroff`);
    await cloud.make("POST", path, body);
    expect(await serverOf(cloud, id)).toMatchObject({
      status: "running",
      server_type: { name: "cx33" },
      primary_disk_size: 40,
    });
  });

  it("can enlarge the disk, and then not go back", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { start_after_create: false });
    const path = `/servers/${id}/actions/change_type`;
    await cloud.make("POST", path, { server_type: "cx33", upgrade_disk: true });
    expect((await serverOf(cloud, id)).primary_disk_size).toBe(80);
    await cloud.make("POST", `/servers/${id}/actions/poweroff`);
    expect((await cloud.refused("POST", path, { server_type: "cx23", upgrade_disk: false })).error).toBe(
      "422 invalid_server_type",
    );
  });

  it.each([
    ["another architecture", "cax21", "422 invalid_server_type"],
    ["the same type", "cx23", "422 invalid_server_type"],
    ["a type not offered there", "cpx21", "422 invalid_input"],
    ["an unknown type", "cx99", "422 invalid_input"],
  ])("refuses %s", async (_, type, error) => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { start_after_create: false });
    const body = { server_type: type, upgrade_disk: false };
    expect((await cloud.refused("POST", `/servers/${id}/actions/change_type`, body)).error).toBe(error);
    expect((await serverOf(cloud, id)).server_type.name).toBe("cx23");
  });
});

describe("rebuild", () => {
  it("puts a fresh image on the disk, with the old user data or new", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { user_data: "old" });
    const path = `/servers/${id}/actions/rebuild`;
    expect(await cloud.make("POST", path, { image: "ubuntu-24.04" })).toHaveProperty("root_password");
    await cloud.make("POST", path, { image: "debian-13", user_data: "new" });
    expect((await serverOf(cloud, id)).image.name).toBe("debian-13");
    expect(cloud.machines.calls.slice(1).map(({ arguments: args }) => args)).toEqual([
      ["ubuntu-24.04", "old"],
      ["debian-13", "new"],
    ]);
  });

  it("is the first boot of a server that was never on", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { start_after_create: false });
    await cloud.make("POST", `/servers/${id}/actions/rebuild`, { image: "ubuntu-24.04" });
    expect(cloud.machines.calls).toMatchObject([
      { method: "create", arguments: [{ image: "ubuntu-24.04" }] },
    ]);
  });

  it("refuses unknown images", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    expect(
      (await cloud.refused("POST", `/servers/${id}/actions/rebuild`, { image: "plan9" })).fields,
    ).toEqual(["image"]);
  });
});

describe("backups", () => {
  it("are switched on and off", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    await cloud.make("POST", `/servers/${id}/actions/enable_backup`);
    expect((await serverOf(cloud, id)).backup_window).toBe("22-02");
    await cloud.make("POST", `/servers/${id}/actions/disable_backup`);
    expect((await serverOf(cloud, id)).backup_window).toBeNull();
  });
});
