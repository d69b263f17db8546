import { describe, expect, it, vi } from "vitest";
import { idOf, newServer, serverOf, startTestCloud } from "../client.ts";

const body = { name: "web", server_type: "cx23", image: "debian-12", location: "fsn1" };

describe("creating a server", () => {
  it("boots a machine with what was asked for", async () => {
    const cloud = await startTestCloud({ bootDelayMs: 300, firstId: 500 });
    const answer = await cloud.make("POST", "/servers", { ...body, user_data: "#cloud-config\n" });
    expect(answer).toMatchObject({
      server: { id: 501, status: "initializing", locked: true },
      action: { command: "create_server", status: "running" },
      next_actions: [{ command: "start_server" }],
      root_password: expect.stringMatching(/^.{16}$/),
    });
    expect(cloud.machines.calls).toMatchObject([
      {
        method: "create",
        arguments: [
          {
            id: "hc-501",
            hostname: "web",
            ipv4: "198.51.100.20",
            ipv6: "2001:db8:1:1::1",
            memoryMiB: 4096,
            diskMiB: 1024,
            image: "debian-12",
            userData: "#cloud-config\n",
            authorizedKeys: [],
            bootDelayMs: 300,
          },
        ],
      },
    ]);
    expect(await serverOf(cloud, 501)).toMatchObject({
      status: "running",
      locked: false,
      location: { name: "fsn1" },
      server_type: { name: "cx23" },
      image: { name: "debian-12", architecture: "x86" },
      primary_disk_size: 40,
      backup_window: null,
    });
  });

  it("gives no password where a key is given", async () => {
    const cloud = await startTestCloud();
    const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGVYt0Zvu7vJ4VNMv8i0Q8ZvJpHY2hEJ6YpWOqgJqcU a";
    const key = await idOf(cloud, "ssh_key", "/ssh_keys", { name: "k", public_key: line });
    expect(await cloud.make("POST", "/servers", { ...body, ssh_keys: [key] })).toMatchObject({
      root_password: null,
    });
  });

  it("takes the image of the server type's architecture", async () => {
    const cloud = await startTestCloud();
    const [x86, arm] = [
      await newServer(cloud, { name: "x" }),
      await newServer(cloud, { name: "a", server_type: "cax11" }),
    ];
    const images = [(await serverOf(cloud, x86)).image, (await serverOf(cloud, arm)).image];
    expect(images.map(({ architecture }) => architecture)).toEqual(["x86", "arm"]);
    const wrong = { ...body, name: "w", image: images[1]?.id };
    expect(await cloud.refused("POST", "/servers", wrong)).toMatchObject({ fields: ["image"] });
    await newServer(cloud, { name: "i", image: String(images[0]?.id) });
  });

  it("chooses a location that has the type, if none is asked for", async () => {
    const cloud = await startTestCloud({ soldOut: [{ serverType: "cx23", location: "fsn1" }] });
    const id = await newServer(cloud, { location: undefined });
    expect((await serverOf(cloud, id)).location.name).toBe("nbg1");
    const american = await newServer(cloud, { name: "us", server_type: "cpx11", location: undefined });
    expect((await serverOf(cloud, american)).location.name).toBe("ash");
  });

  it.each([
    ["an unknown type", { server_type: "cx99" }, "server_type"],
    ["an unknown image", { image: "plan9" }, "image"],
    ["an unknown location", { location: "moon" }, "location"],
    ["a type not offered there", { location: "ash" }, "location"],
    ["a name that is not a valid host name", { name: "my_server" }, "name"],
    ["too much user data", { user_data: "x".repeat(32_769) }, "user_data"],
    ["malformed labels", { labels: { "a b": "c" } }, "labels.a b"],
    ["a datacenter, which the API no longer has", { datacenter: "fsn1-dc14" }, "datacenter"],
  ])("refuses %s", async (_, change, field) => {
    const { refused, cloud } = await startTestCloud();
    expect(await refused("POST", "/servers", { ...body, ...change })).toMatchObject({
      error: "422 invalid_input",
      fields: [field],
    });
    expect(cloud.inventory()).toEqual([]);
  });

  it.each([
    ["firewalls", { firewalls: [{ firewall: 1 }] }],
    ["networks", { networks: [1] }],
    ["volumes", { volumes: [1] }],
    ["placement group", { placement_group: 1 }],
    ["primary IP", { public_net: { ipv4: 1 } }],
  ])("refuses %s that are not there, and leaves nothing", async (_, change) => {
    const { refused, cloud, machines } = await startTestCloud();
    expect((await refused("POST", "/servers", { ...body, ...change })).error).toBe("404 not_found");
    expect([cloud.inventory(), machines.calls]).toEqual([[], []]);
  });

  it("says where the choice ends: sold out everywhere, no image, no address left in the limit", async () => {
    const soldOut = ["ash", "hil"].map((location) => ({ serverType: "cpx11", location }));
    const cloud = await startTestCloud({ soldOut, limits: { primary_ips: 1 } });
    const anywhere = { ...body, location: undefined, server_type: "cpx11" };
    expect((await cloud.refused("POST", "/servers", anywhere)).error).toBe("412 resource_unavailable");
    expect((await cloud.call("POST", "/servers", { ...body, image: "plan9" })).body).toMatchObject({
      error: { details: { fields: [{ messages: ["image plan9 not found"] }] } },
    });
    expect((await cloud.refused("POST", "/servers", body)).error).toBe("403 resource_limit_exceeded");
    expect(cloud.cloud.inventory()).toEqual([]);
  });

  it("refuses what is sold out, a taken name, and more than the limit", async () => {
    const soldOut = [{ serverType: "cx33", location: "fsn1" }];
    const cloud = await startTestCloud({ soldOut, limits: { servers: 2 } });
    expect((await cloud.refused("POST", "/servers", { ...body, server_type: "cx33" })).error).toBe(
      "412 resource_unavailable",
    );
    await newServer(cloud);
    expect((await cloud.refused("POST", "/servers", body)).error).toBe("409 uniqueness_error");
    await newServer(cloud, { name: "two" });
    expect((await cloud.refused("POST", "/servers", { ...body, name: "three" })).error).toBe(
      "403 resource_limit_exceeded",
    );
  });

  it("whose machine cannot boot ends in a failed action and a server that is off and can be deleted", async () => {
    const cloud = await startTestCloud();
    cloud.machines.failNextCreate = new Error("no room for a disk");
    await expect(newServer(cloud)).rejects.toThrow(
      "action start_server failed: start_server: no room for a disk",
    );
    const [server] = cloud.cloud.inventory();
    expect((await serverOf(cloud, server?.id ?? 0)).status).toBe("off");
    await cloud.make("DELETE", `/servers/${server?.id}`);
    expect(cloud.cloud.inventory()).toEqual([]);
  });
});

describe("a server", () => {
  it("is found by name, label and status", async () => {
    const cloud = await startTestCloud();
    const web = await newServer(cloud, { labels: { role: "web" } });
    const db = await newServer(cloud, { name: "db", start_after_create: false });
    const found = async (query: string) => (await cloud.make("GET", `/servers?${query}`))["servers"];
    expect(await found("name=db")).toMatchObject([{ id: db, status: "off" }]);
    expect(await found("label_selector=role%3Dweb")).toMatchObject([{ id: web }]);
    expect(await found("status=running")).toMatchObject([{ id: web }]);
    expect(await found("status=off&status=running")).toHaveLength(2);
  });

  it("is renamed and relabelled without touching its machine", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const before = cloud.machines.calls.length;
    await cloud.make("PUT", `/servers/${id}`, { name: "www", labels: { a: "b" } });
    expect(await serverOf(cloud, id)).toMatchObject({ name: "www", labels: { a: "b" } });
    expect((await cloud.refused("PUT", `/servers/${id}`, { name: "not_a_host" })).fields).toEqual(["name"]);
    expect(cloud.machines.calls).toHaveLength(before);
  });

  it("is locked while it is made, then deleted with its machine", async () => {
    const cloud = await startTestCloud({ actionMs: 300 });
    const created = await cloud.call("POST", "/servers", body);
    const id = (created.body as { server: { id: number } }).server.id;
    expect((await cloud.refused("DELETE", `/servers/${id}`)).error).toBe("423 locked");
    await vi.waitFor(async () => expect((await serverOf(cloud, id)).locked).toBe(false), { timeout: 5000 });
    await cloud.call("DELETE", `/servers/${id}`);
    expect(await serverOf(cloud, id)).toMatchObject({ status: "deleting", locked: true });
    expect(cloud.machines.machines.size).toBe(1);
    await vi.waitFor(async () => expect((await cloud.call("GET", `/servers/${id}`)).status).toBe(404), {
      timeout: 5000,
    });
    expect([cloud.machines.machines.size, cloud.cloud.inventory()]).toEqual([0, []]);
  });

  it("whose machine cannot be destroyed stays, and says so", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const [machine] = cloud.machines.machines.values();
    if (machine === undefined) throw new Error("no machine");
    const destroy = vi.spyOn(machine, "destroy").mockRejectedValueOnce(new Error("busy mount"));
    await expect(cloud.make("DELETE", `/servers/${id}`)).rejects.toThrow("busy mount");
    expect((await serverOf(cloud, id)).status).toBe("running");
    await cloud.make("DELETE", `/servers/${id}`);
    expect(destroy).toHaveBeenCalledTimes(2);
  });

  it("protected against deletion stays", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const path = `/servers/${id}/actions/change_protection`;
    expect((await cloud.refused("POST", path, { delete: true })).fields).toEqual(["rebuild"]);
    await cloud.make("POST", path, { delete: true, rebuild: true });
    expect((await cloud.refused("DELETE", `/servers/${id}`)).error).toBe("423 protected");
    expect(
      (await cloud.refused("POST", `/servers/${id}/actions/rebuild`, { image: "debian-13" })).error,
    ).toBe("423 protected");
    await cloud.make("POST", path, { delete: false, rebuild: false });
    await cloud.make("DELETE", `/servers/${id}`);
  });

  it("remembers its actions", async () => {
    const cloud = await startTestCloud();
    const [id, other] = [await newServer(cloud), await newServer(cloud, { name: "other" })];
    const answer = await cloud.make("POST", `/servers/${id}/actions/reset`);
    const action = (answer["action"] as { id: number }).id;
    const own = await cloud.make("GET", `/servers/${id}/actions?sort=id:desc`);
    expect(own["actions"]).toMatchObject([{ command: "reset_server" }, { command: "start_server" }, {}]);
    for (const path of [
      `/servers/${id}/actions/${action}`,
      `/servers/actions/${action}`,
      `/actions/${action}`,
    ]) {
      expect(await cloud.make("GET", path)).toMatchObject({ action: { id: action, status: "success" } });
    }
    expect((await cloud.refused("GET", `/servers/${other}/actions/${action}`)).error).toBe("404 not_found");
    expect((await cloud.refused("GET", "/servers/7/actions")).error).toBe("404 not_found");
    expect(await cloud.make("GET", "/servers/actions?status=success")).toMatchObject({
      meta: { pagination: { total_entries: 5 } },
    });
    expect((await cloud.refused("GET", "/actions")).error).toBe("410 deprecated_api_endpoint");
  });
});
