import { describe, expect, it } from "vitest";
import { idOf, newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

function address(cloud: TestCloud, type: "ipv4" | "ipv6", change: object = {}): Promise<number> {
  return idOf(cloud, "primary_ip", "/primary_ips", { name: `my-${type}`, type, location: "fsn1", ...change });
}

describe("/primary_ips", () => {
  it("come from the ranges of the cloud", async () => {
    const cloud = await startTestCloud();
    const [ipv4, ipv6] = [await address(cloud, "ipv4"), await address(cloud, "ipv6")];
    expect(await cloud.make("GET", `/primary_ips/${ipv4}`)).toMatchObject({
      primary_ip: {
        ip: "198.51.100.20",
        assignee_id: null,
        assignee_type: "server",
        auto_delete: false,
        location: { name: "fsn1" },
        dns_ptr: [{ ip: "198.51.100.20", dns_ptr: "static.20.100.51.198.clients.your-server.de" }],
      },
    });
    expect(await cloud.make("GET", `/primary_ips/${ipv6}`)).toMatchObject({
      primary_ip: { ip: "2001:db8:1:1::/64", dns_ptr: [] },
    });
    expect(await cloud.make("GET", "/primary_ips?ip=198.51.100.20")).toMatchObject({
      primary_ips: [{ id: ipv4 }],
    });
  });

  it("outlive a server and go to the next", async () => {
    const cloud = await startTestCloud();
    const [ipv4, ipv6] = [await address(cloud, "ipv4"), await address(cloud, "ipv6")];
    const first = await newServer(cloud, { public_net: { ipv4, ipv6 } });
    await cloud.make("DELETE", `/servers/${first}`);
    const second = await newServer(cloud, { public_net: { ipv4, ipv6 } });
    expect((await serverOf(cloud, second)).public_net).toMatchObject({
      ipv4: { id: ipv4, ip: "198.51.100.20" },
      ipv6: { id: ipv6, ip: "2001:db8:1:1::/64" },
    });
    expect([...cloud.machines.machines.values()].map((machine) => machine.addresses)).toEqual([
      ["198.51.100.20", "2001:db8:1:1::1"],
    ]);
  });

  it("made with a server go with it, and their address is free again", async () => {
    const ranges = { ipv4: { first: "198.51.100.50", last: "198.51.100.50" }, ipv6: "2001:db8:7::/48" };
    const cloud = await startTestCloud({ addresses: ranges });
    const first = await newServer(cloud);
    const body = { name: "second", server_type: "cx23", image: "debian-12" };
    expect((await cloud.refused("POST", "/servers", body)).error).toBe("412 resource_unavailable");
    expect(cloud.cloud.inventory().map(({ kind }) => kind)).toEqual([
      "servers",
      "primary_ips",
      "primary_ips",
    ]);
    await cloud.make("DELETE", `/servers/${first}`);
    expect(cloud.cloud.inventory()).toEqual([]);
    const second = await newServer(cloud, body);
    expect((await serverOf(cloud, second)).public_net.ipv4?.ip).toBe("198.51.100.50");
  });

  it("are moved between servers that are off, which then have them at once", async () => {
    const cloud = await startTestCloud();
    const ipv4 = await address(cloud, "ipv4");
    const server = await newServer(cloud, { public_net: { enable_ipv4: false } });
    const assign = { assignee_id: server, assignee_type: "server" };
    expect((await cloud.refused("POST", `/primary_ips/${ipv4}/actions/assign`, assign)).error).toBe(
      "422 server_not_stopped",
    );
    await cloud.make("POST", `/servers/${server}/actions/poweroff`);
    await cloud.make("POST", `/primary_ips/${ipv4}/actions/assign`, assign);
    expect((await serverOf(cloud, server)).public_net.ipv4?.id).toBe(ipv4);
    const [machine] = cloud.machines.machines.values();
    expect(machine?.addresses[0]).toBe("198.51.100.20");
    expect((await cloud.refused("DELETE", `/primary_ips/${ipv4}`)).error).toBe("422 must_be_unassigned");
    await cloud.make("POST", `/primary_ips/${ipv4}/actions/unassign`);
    expect(machine?.addresses[0]).toBeNull();
    expect((await cloud.refused("POST", `/primary_ips/${ipv4}/actions/unassign`)).error).toBe(
      "422 primary_ip_not_assigned",
    );
    expect((await cloud.call("DELETE", `/primary_ips/${ipv4}`)).status).toBe(204);
  });

  it("can be made for a server that is off and has none", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud, { public_net: { enable_ipv6: false } });
    const body = { name: "late", type: "ipv6", assignee_id: server, assignee_type: "server" };
    expect((await cloud.refused("POST", "/primary_ips", body)).error).toBe("422 server_not_stopped");
    await cloud.make("POST", `/servers/${server}/actions/poweroff`);
    expect((await cloud.refused("POST", "/primary_ips", { ...body, type: "ipv4" })).error).toBe(
      "422 server_has_ipv4",
    );
    expect(await cloud.make("POST", "/primary_ips", body)).toMatchObject({
      action: { command: "assign_primary_ip" },
    });
    expect((await serverOf(cloud, server)).public_net.ipv6?.ip).toBe("2001:db8:1:1::/64");
  });

  it.each([
    [
      "the wrong kind",
      async (cloud: TestCloud) => ({ ipv6: await address(cloud, "ipv4") }),
      "422 primary_ip_version_mismatch",
    ],
    [
      "another location",
      async (cloud: TestCloud) => ({ ipv4: await address(cloud, "ipv4", { location: "hel1" }) }),
      "422 primary_ip_datacenter_mismatch",
    ],
    [
      "somebody else's",
      async (cloud: TestCloud) => {
        const ipv4 = await address(cloud, "ipv4");
        await newServer(cloud, { name: "other", public_net: { ipv4 } });
        return { ipv4 };
      },
      "409 primary_ip_assigned",
    ],
    [
      "one although it is off",
      async (cloud: TestCloud) => ({ enable_ipv4: false, ipv4: await address(cloud, "ipv4") }),
      "422 invalid_input",
    ],
    ["none at all", async () => ({ enable_ipv4: false, enable_ipv6: false }), "422 invalid_input"],
  ])("are refused to a server: %s", async (_, publicNet, error) => {
    const cloud = await startTestCloud();
    const body = { name: "web", server_type: "cx23", image: "debian-12", location: "fsn1" };
    const before = { public_net: await publicNet(cloud) };
    const inventory = cloud.cloud.inventory();
    expect((await cloud.refused("POST", "/servers", { ...body, ...before })).error).toBe(error);
    expect(cloud.cloud.inventory()).toEqual(inventory);
  });

  it("need either a location or a server", async () => {
    const { refused } = await startTestCloud();
    const body = { name: "x", type: "ipv4" };
    expect((await refused("POST", "/primary_ips", body)).fields).toEqual(["location"]);
    expect((await refused("POST", "/primary_ips", { ...body, location: "moon" })).fields).toEqual([
      "location",
    ]);
    expect((await refused("POST", "/primary_ips", { ...body, assignee_id: 7 })).fields).toEqual([
      "assignee_id",
    ]);
  });

  it("are protected, renamed and set to go with their server", async () => {
    const cloud = await startTestCloud();
    const ipv4 = await address(cloud, "ipv4");
    await cloud.make("POST", `/primary_ips/${ipv4}/actions/change_protection`, { delete: true });
    expect((await cloud.refused("DELETE", `/primary_ips/${ipv4}`)).error).toBe("423 protected");
    const update = { name: "b", auto_delete: true, labels: { a: "1" } };
    expect(await cloud.make("PUT", `/primary_ips/${ipv4}`, update)).toMatchObject({
      primary_ip: { ...update, protection: { delete: true } },
    });
    const server = await newServer(cloud, { public_net: { ipv4 } });
    await cloud.make("DELETE", `/servers/${server}`);
    expect(cloud.cloud.inventory()).toEqual([]);
  });
  it("wait for a server that is busy, and for one that runs", async () => {
    const cloud = await startTestCloud({ actionMs: 300 });
    const ipv4 = await address(cloud, "ipv4");
    const server = await newServer(cloud, { public_net: { ipv4, enable_ipv6: false } });
    const unassign = `/primary_ips/${ipv4}/actions/unassign`;
    expect((await cloud.refused("POST", unassign)).error).toBe("422 server_not_stopped");
    await cloud.make("POST", `/servers/${server}/actions/poweroff`);
    await cloud.call("POST", `/servers/${server}/actions/enable_backup`);
    expect((await cloud.refused("POST", unassign)).error).toBe("423 locked");
  });

  it("are not assigned twice, nor to a server elsewhere", async () => {
    const cloud = await startTestCloud();
    const far = await address(cloud, "ipv4", { name: "far", location: "hel1" });
    const ipv6 = await address(cloud, "ipv6");
    const off = { start_after_create: false, public_net: { enable_ipv4: false } };
    const [one, two] = [
      await newServer(cloud, { name: "one", ...off }),
      await newServer(cloud, { name: "two", ...off }),
    ];
    const give = (id: number, server: number) =>
      cloud.refused("POST", `/primary_ips/${id}/actions/assign`, {
        assignee_id: server,
        assignee_type: "server",
      });
    expect((await give(far, one)).error).toBe("422 primary_ip_datacenter_mismatch");
    expect((await give(ipv6, two)).error).toBe("422 server_has_ipv6");
    const near = await address(cloud, "ipv4");
    await cloud.make("POST", `/primary_ips/${near}/actions/assign`, {
      assignee_id: one,
      assignee_type: "server",
    });
    expect((await give(near, two)).error).toBe("409 primary_ip_assigned");
  });

  it("are made in a location or for a server, not both", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud, { start_after_create: false, public_net: { enable_ipv4: false } });
    const body = { name: "x", type: "ipv4", location: "fsn1", assignee_id: server };
    expect((await cloud.refused("POST", "/primary_ips", body)).fields).toEqual(["location"]);
  });
});
