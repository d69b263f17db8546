import { describe, expect, it } from "vitest";
import { newServer, serverOf, startTestCloud } from "../client.ts";
import { act, balancerOf, network, newBalancer, refusedTo } from "./balancer-client.ts";

describe("targets of a load balancer", () => {
  const target = (id: number, more: object = {}) => ({ type: "server", server: { id }, ...more });

  it("are servers, added and removed; one that is deleted is none any more", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    const server = await newServer(cloud);
    await act(cloud, id, "add_target", target(server));
    expect((await cloud.make("GET", `/servers/${server}`))["server"]).toMatchObject({ load_balancers: [id] });
    expect(await refusedTo(cloud, id, "add_target", target(server))).toBe("422 target_already_defined");
    await act(cloud, id, "remove_target", target(server));
    expect(await refusedTo(cloud, id, "remove_target", target(server))).toBe(
      "404 load_balancer_target_not_found",
    );
    await act(cloud, id, "add_target", target(server));
    await cloud.make("DELETE", `/servers/${server}`);
    expect(await balancerOf(cloud, id)).toMatchObject({ targets: [] });
  });

  it("need a public IPv4 address, which they keep meanwhile", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    const six = await newServer(cloud, {
      name: "six",
      public_net: { enable_ipv4: false, enable_ipv6: true },
    });
    expect(await refusedTo(cloud, id, "add_target", target(six))).toBe("422 missing_ipv4");
    const server = await newServer(cloud);
    await act(cloud, id, "add_target", target(server));
    await cloud.make("POST", `/servers/${server}/actions/poweroff`);
    const ip = (await serverOf(cloud, server)).public_net.ipv4?.id;
    const unassign = `/primary_ips/${ip}/actions/unassign`;
    expect((await cloud.refused("POST", unassign)).error).toBe("422 server_is_load_balancer_target");
    await act(cloud, id, "remove_target", target(server));
    await cloud.make("POST", unassign);
  });

  it("are reached in a network that both are in, and forgotten when the balancer leaves it", async () => {
    const cloud = await startTestCloud();
    const [id, server, net] = [await newBalancer(cloud), await newServer(cloud), await network(cloud)];
    const inside = target(server, { use_private_ip: true });
    expect(await refusedTo(cloud, id, "add_target", inside)).toBe(
      "422 load_balancer_not_attached_to_network",
    );
    await act(cloud, id, "attach_to_network", { network: net, ip: "10.0.1.9", ip_range: "10.0.1.0/24" });
    expect(await refusedTo(cloud, id, "add_target", inside)).toBe("422 server_not_attached_to_network");
    await cloud.make("POST", `/servers/${server}/actions/attach_to_network`, { network: net });
    await act(cloud, id, "add_target", inside);
    expect(await balancerOf(cloud, id)).toMatchObject({
      private_net: [{ network: net, ip: "10.0.1.9" }],
      targets: [{ use_private_ip: true }],
    });
    expect((await cloud.make("GET", `/networks/${net}`))["network"]).toMatchObject({ load_balancers: [id] });
    await act(cloud, id, "disable_public_interface");
    expect(await balancerOf(cloud, id)).toMatchObject({ public_net: { enabled: false } });
    await act(cloud, id, "enable_public_interface");
    await act(cloud, id, "detach_from_network", { network: net });
    expect(await balancerOf(cloud, id)).toMatchObject({ private_net: [], targets: [] });
  });

  it("that use the public address keep the public interface", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    await act(cloud, id, "add_target", target(await newServer(cloud)));
    expect(await refusedTo(cloud, id, "disable_public_interface")).toBe("422 targets_without_use_private_ip");
  });

  it("are as many as the type takes", async () => {
    const cloud = await startTestCloud();
    const servers = [];
    for (let each = 0; each < 26; each += 1) servers.push(await newServer(cloud, { name: `s${each}` }));
    const [last = 0, ...others] = servers;
    const id = await newBalancer(cloud, { targets: others.map((server) => target(server)) });
    expect(await refusedTo(cloud, id, "add_target", target(last))).toBe("403 resource_limit_exceeded");
  });
});

describe("a load balancer in a network", () => {
  it("is in one at a time, at an address nobody else has", async () => {
    const cloud = await startTestCloud();
    const [id, server, net] = [await newBalancer(cloud), await newServer(cloud), await network(cloud)];
    const attach = `/servers/${server}/actions/attach_to_network`;
    await cloud.make("POST", attach, { network: net, ip: "10.0.1.2" });
    expect(await refusedTo(cloud, id, "attach_to_network", { network: net, ip: "10.0.1.2" })).toBe(
      "422 ip_not_available",
    );
    expect(await refusedTo(cloud, id, "attach_to_network", { network: net, ip: "10.9.0.2" })).toBe(
      "409 no_subnet_available",
    );
    await act(cloud, id, "attach_to_network", { network: net });
    expect(await balancerOf(cloud, id)).toMatchObject({ private_net: [{ ip: "10.0.1.1" }] });
    expect(await refusedTo(cloud, id, "attach_to_network", { network: net })).toBe(
      "409 load_balancer_already_attached",
    );
    const other = await newServer(cloud, { name: "other" });
    const taken = await cloud.refused("POST", `/servers/${other}/actions/attach_to_network`, {
      network: net,
      ip: "10.0.1.1",
    });
    expect(taken.error).toBe("422 ip_not_available");
    await cloud.make("POST", `/servers/${server}/actions/detach_from_network`, { network: net });
    const remove = `/networks/${net}/actions/delete_subnet`;
    expect((await cloud.refused("POST", remove, { ip_range: "10.0.1.0/24" })).error).toBe(
      "409 service_error",
    );
    await cloud.make("DELETE", `/networks/${net}`);
    expect(await balancerOf(cloud, id)).toMatchObject({ private_net: [] });
    expect(await refusedTo(cloud, id, "detach_from_network", { network: net })).toBe("404 not_found");
  });
});
