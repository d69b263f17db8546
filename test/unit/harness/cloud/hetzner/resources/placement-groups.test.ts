import { describe, expect, it } from "vitest";
import { idOf, newServer, serverOf, startTestCloud } from "../client.ts";

describe("/placement_groups", () => {
  it("hold the servers created in them, and stay while they do", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "placement_group", "/placement_groups", { name: "g", type: "spread" });
    const server = await newServer(cloud, { placement_group: id });
    expect((await serverOf(cloud, server)).placement_group).toMatchObject({ id, servers: [server] });
    expect((await cloud.refused("DELETE", `/placement_groups/${id}`)).error).toBe("409 resource_in_use");
    await cloud.make("DELETE", `/servers/${server}`);
    expect((await cloud.call("DELETE", `/placement_groups/${id}`)).status).toBe(204);
  });

  it("are entered and left by servers that are off", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "placement_group", "/placement_groups", { name: "g", type: "spread" });
    const server = await newServer(cloud);
    const [add, remove] = ["add_to", "remove_from"].map(
      (verb) => `/servers/${server}/actions/${verb}_placement_group`,
    );
    const body = { placement_group: id };
    expect((await cloud.refused("POST", add ?? "", body)).error).toBe("422 server_not_stopped");
    await cloud.make("POST", `/servers/${server}/actions/poweroff`);
    await cloud.make("POST", add ?? "", body);
    expect((await serverOf(cloud, server)).placement_group?.id).toBe(id);
    expect((await cloud.refused("POST", add ?? "", body)).error).toBe("422 server_already_added");
    await cloud.make("POST", remove ?? "");
    expect((await serverOf(cloud, server)).placement_group).toBeNull();
    expect((await cloud.refused("POST", add ?? "", { placement_group: 1 })).error).toBe("404 not_found");
  });

  it("hold ten servers", async () => {
    const cloud = await startTestCloud({ actionMs: 0 });
    const id = await idOf(cloud, "placement_group", "/placement_groups", { name: "g", type: "spread" });
    for (let index = 0; index < 10; index += 1) {
      await newServer(cloud, { name: `web${index}`, placement_group: id });
    }
    const body = { name: "web10", server_type: "cx23", image: "debian-12", placement_group: id };
    expect((await cloud.refused("POST", "/servers", body)).error).toBe("422 placement_error");
  });

  it("are of the one type there is", async () => {
    const { refused, make } = await startTestCloud();
    expect((await refused("POST", "/placement_groups", { name: "g", type: "tight" })).fields).toEqual([
      "type",
    ]);
    await make("POST", "/placement_groups", { name: "g", type: "spread" });
    expect(await make("GET", "/placement_groups?type=spread")).toMatchObject({
      placement_groups: [{ name: "g" }],
    });
    expect(await make("GET", "/placement_groups?type=other")).toMatchObject({ placement_groups: [] });
  });
});
