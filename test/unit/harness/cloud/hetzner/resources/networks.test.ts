import { describe, expect, it } from "vitest";
import { idOf, newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

const zone = "eu-central";

async function networkWithSubnet(cloud: TestCloud, ipRange = "10.0.1.0/24"): Promise<number> {
  const subnets = [{ type: "cloud", network_zone: zone, ip_range: ipRange }];
  return idOf(cloud, "network", "/networks", { name: "net", ip_range: "10.0.0.0/16", subnets });
}

describe("/networks", () => {
  it("gains and loses subnets and routes", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "network", "/networks", { name: "net", ip_range: "10.0.0.0/16" });
    const act = (name: string, body: object) => cloud.make("POST", `/networks/${id}/actions/${name}`, body);
    await act("add_subnet", { type: "cloud", network_zone: zone, ip_range: "10.0.1.0/24" });
    await act("add_subnet", { type: "cloud", network_zone: zone });
    await act("add_route", { destination: "10.100.1.0/24", gateway: "10.0.1.7" });
    expect(await cloud.make("GET", `/networks/${id}`)).toMatchObject({
      network: {
        subnets: [
          { ip_range: "10.0.1.0/24", gateway: "10.0.0.1", network_zone: zone },
          { ip_range: "10.0.0.0/24" },
        ],
        routes: [{ destination: "10.100.1.0/24", gateway: "10.0.1.7" }],
        protection: { delete: false },
      },
    });
    await act("delete_subnet", { ip_range: "10.0.1.0/24" });
    await act("delete_route", { destination: "10.100.1.0/24", gateway: "10.0.1.7" });
    expect(await cloud.make("GET", `/networks/${id}`)).toMatchObject({
      network: { subnets: [{ ip_range: "10.0.0.0/24" }], routes: [] },
    });
  });

  it.each([
    ["overlaps another", { ip_range: "10.0.1.128/25" }, "ip_range"],
    ["is outside", { ip_range: "10.1.0.0/24" }, "ip_range"],
    ["has host bits", { ip_range: "10.0.2.1/24" }, "ip_range"],
    ["is in an unknown zone", { ip_range: "10.0.2.0/24", network_zone: "moon" }, "network_zone"],
    ["is a vSwitch", { ip_range: "10.0.2.0/24", type: "vswitch" }, "type"],
  ])("refuses a subnet that %s", async (_, change, field) => {
    const cloud = await startTestCloud();
    const id = await networkWithSubnet(cloud);
    const body = { type: "cloud", network_zone: zone, ...change };
    expect((await cloud.refused("POST", `/networks/${id}/actions/add_subnet`, body)).fields).toEqual([field]);
  });

  it.each(["8.8.8.0/24", "10.0.0.0", "fd00::/64", "11.0.0.0/8"])("refuses the range %s", async (range) => {
    const { refused } = await startTestCloud();
    expect((await refused("POST", "/networks", { name: "n", ip_range: range })).fields).toContain("ip_range");
  });

  it("refuses routes and removals that make no sense", async () => {
    const cloud = await startTestCloud();
    const id = await networkWithSubnet(cloud);
    const act = (name: string, body: object) =>
      cloud.refused("POST", `/networks/${id}/actions/${name}`, body);
    const way = { destination: "10.9.0.0/24", gateway: "192.168.0.1" };
    expect((await act("add_route", way)).fields).toEqual(["gateway"]);
    await cloud.make("POST", `/networks/${id}/actions/add_route`, { ...way, gateway: "10.0.1.1" });
    expect((await act("add_route", { ...way, gateway: "10.0.1.1" })).fields).toEqual(["destination"]);
    expect((await act("delete_route", way)).error).toBe("404 not_found");
    expect((await act("delete_subnet", { ip_range: "10.0.9.0/24" })).error).toBe("404 not_found");
  });

  it("can be extended, not shrunk; protected, it stays", async () => {
    const cloud = await startTestCloud();
    const id = await networkWithSubnet(cloud);
    const act = (name: string) => `/networks/${id}/actions/${name}`;
    expect((await cloud.refused("POST", act("change_ip_range"), { ip_range: "10.0.0.0/24" })).fields).toEqual(
      ["ip_range"],
    );
    await cloud.make("POST", act("change_ip_range"), { ip_range: "10.0.0.0/8" });
    await cloud.make("POST", act("change_protection"), { delete: true });
    expect((await cloud.refused("DELETE", `/networks/${id}`)).error).toBe("423 protected");
    await cloud.make("PUT", `/networks/${id}`, { name: "other", expose_routes_to_vswitch: true });
    expect(await cloud.make("GET", `/networks/${id}`)).toMatchObject({
      network: {
        name: "other",
        ip_range: "10.0.0.0/8",
        expose_routes_to_vswitch: true,
        protection: { delete: true },
      },
    });
    await cloud.make("POST", act("change_protection"), { delete: false });
    expect((await cloud.call("DELETE", `/networks/${id}`)).status).toBe(204);
  });
});

describe("servers in networks", () => {
  it("take the wanted address or the next free one, and alias addresses", async () => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud);
    const [one, two] = [await newServer(cloud, { name: "one" }), await newServer(cloud, { name: "two" })];
    const attach = { network, ip: "10.0.1.1", alias_ips: ["10.0.1.2"] };
    await cloud.make("POST", `/servers/${one}/actions/attach_to_network`, attach);
    await cloud.make("POST", `/servers/${two}/actions/attach_to_network`, {
      network,
      ip_range: "10.0.1.0/24",
    });
    expect((await serverOf(cloud, one)).private_net).toEqual([
      { network, ip: "10.0.1.1", alias_ips: ["10.0.1.2"] },
    ]);
    expect((await serverOf(cloud, two)).private_net).toMatchObject([{ ip: "10.0.1.3" }]);
    expect(await cloud.make("GET", `/networks/${network}`)).toMatchObject({
      network: { servers: [one, two] },
    });
    await cloud.make("POST", `/servers/${two}/actions/change_alias_ips`, {
      network,
      alias_ips: ["10.0.1.9"],
    });
    expect((await serverOf(cloud, two)).private_net).toMatchObject([{ alias_ips: ["10.0.1.9"] }]);
    await cloud.make("POST", `/servers/${one}/actions/detach_from_network`, { network });
    expect((await serverOf(cloud, one)).private_net).toEqual([]);
  });

  it("have a card in each on their machines: from the first start, attached, detached, and gone with the network", async () => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud);
    const server = await newServer(cloud, { networks: [network] });
    const machine = cloud.machines.machines.get(`hc-${server}`);
    const wire = { id: `hn-${network}`, range: "10.0.0.0/16", gateway: "10.0.0.1", mtu: 1450 };
    const cards = (address: string) => [{ network: wire, address, mac: expect.stringMatching(/^86:00:00:/) }];
    expect(machine?.cards).toEqual(cards("10.0.1.1"));
    await cloud.make("POST", `/servers/${server}/actions/detach_from_network`, { network });
    expect(machine?.cards).toEqual([]);
    const attach = { network, ip: "10.0.1.7" };
    await cloud.make("POST", `/servers/${server}/actions/attach_to_network`, attach);
    expect(machine?.cards).toEqual(cards("10.0.1.7"));
    await cloud.make("DELETE", `/networks/${network}`);
    expect(machine?.cards).toEqual([]);
  });

  it("keep their subnet from being removed, in words the provider waits for", async () => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud);
    const server = await newServer(cloud, { networks: [network] });
    const answer = await cloud.refused("POST", `/networks/${network}/actions/delete_subnet`, {
      ip_range: "10.0.1.0/24",
    });
    expect(answer.error).toBe("409 service_error");
    expect(answer.message).toContain("servers are attached");
    await cloud.make("DELETE", `/networks/${network}`);
    expect((await serverOf(cloud, server)).private_net).toEqual([]);
  });

  it.each([
    ["an address that is taken", { ip: "10.0.1.5" }, "422 ip_not_available"],
    ["an alias that is taken", { alias_ips: ["10.0.1.5"] }, "422 ip_not_available"],
    ["an address outside all subnets", { ip: "10.0.7.1" }, "409 no_subnet_available"],
    ["a subnet that is not there", { ip_range: "10.0.7.0/24" }, "409 no_subnet_available"],
    ["a network that is not there", { network: 1 }, "404 not_found"],
  ])("are refused %s", async (_, change, error) => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud);
    const first = await newServer(cloud, { name: "first" });
    await cloud.make("POST", `/servers/${first}/actions/attach_to_network`, { network, ip: "10.0.1.5" });
    const second = await newServer(cloud, { name: "second" });
    const path = `/servers/${second}/actions/attach_to_network`;
    expect((await cloud.refused("POST", path, { network, ...change })).error).toBe(error);
    expect((await serverOf(cloud, second)).private_net).toEqual([]);
  });

  it("are refused twice in one network, another zone, and a full subnet", async () => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud, "10.0.1.0/30");
    const path = (id: number) => `/servers/${id}/actions/attach_to_network`;
    const far = await newServer(cloud, { name: "far", server_type: "ccx13", location: "ash" });
    expect((await cloud.refused("POST", path(far), { network })).error).toBe("409 no_subnet_available");
    const [a, b] = [await newServer(cloud, { name: "a" }), await newServer(cloud, { name: "b" })];
    await cloud.make("POST", path(a), { network });
    expect((await cloud.refused("POST", path(a), { network })).error).toBe("422 server_already_attached");
    await cloud.make("POST", path(b), { network });
    const c = await newServer(cloud, { name: "c" });
    expect((await cloud.refused("POST", path(c), { network })).error).toBe("409 no_subnet_available");
    const alias = { network, alias_ips: ["10.0.2.1"] };
    expect((await cloud.refused("POST", `/servers/${a}/actions/change_alias_ips`, alias)).fields).toEqual([
      "alias_ips",
    ]);
    expect(
      (await cloud.refused("POST", `/servers/${c}/actions/detach_from_network`, { network })).error,
    ).toBe("404 not_found");
  });

  it("keep, change and do not share their alias addresses", async () => {
    const cloud = await startTestCloud();
    const network = await networkWithSubnet(cloud);
    const [a, b] = [await newServer(cloud, { name: "a" }), await newServer(cloud, { name: "b" })];
    const attach = { network, ip: "10.0.1.1", alias_ips: ["10.0.1.2"] };
    await cloud.make("POST", `/servers/${a}/actions/attach_to_network`, attach);
    await cloud.make("POST", `/servers/${b}/actions/attach_to_network`, { network, ip: "10.0.1.3" });
    const aliases = (id: number) => `/servers/${id}/actions/change_alias_ips`;
    await cloud.make("POST", aliases(a), { network, alias_ips: ["10.0.1.2", "10.0.1.4"] });
    for (const taken of ["10.0.1.1", "10.0.1.4"]) {
      expect((await cloud.refused("POST", aliases(b), { network, alias_ips: [taken] })).error).toBe(
        "422 ip_not_available",
      );
    }
  });

  it("are in three at most", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const join = async (index: number): Promise<readonly [string, object]> => {
      const ip_range = `10.${index}.0.0/16`;
      const subnets = [{ type: "cloud", network_zone: zone, ip_range }];
      const network = await idOf(cloud, "network", "/networks", { name: `net${index}`, ip_range, subnets });
      return [`/servers/${server}/actions/attach_to_network`, { network }];
    };
    for (const index of [1, 2, 3]) await cloud.make("POST", ...(await join(index)));
    expect((await cloud.refused("POST", ...(await join(4)))).error).toBe("403 resource_limit_exceeded");
  });
});
