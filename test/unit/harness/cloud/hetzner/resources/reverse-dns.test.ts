import { describe, expect, it } from "vitest";
import { idOf, newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

function address(cloud: TestCloud, type: "ipv4" | "ipv6"): Promise<number> {
  return idOf(cloud, "primary_ip", "/primary_ips", { name: `my-${type}`, type, location: "fsn1" });
}

describe("reverse DNS", () => {
  it("is set and reset on an address, IPv6 in canonical form", async () => {
    const cloud = await startTestCloud();
    const [ipv4, ipv6] = [await address(cloud, "ipv4"), await address(cloud, "ipv6")];
    const set = (id: number, ip: string, dns_ptr: string | null) =>
      cloud.make("POST", `/primary_ips/${id}/actions/change_dns_ptr`, { ip, dns_ptr });
    const pointers = async (id: number) => (await cloud.make("GET", `/primary_ips/${id}`))["primary_ip"];
    await set(ipv4, "198.51.100.20", "web.example.org");
    expect(await pointers(ipv4)).toMatchObject({
      dns_ptr: [{ ip: "198.51.100.20", dns_ptr: "web.example.org" }],
    });
    await set(ipv4, "198.51.100.20", null);
    expect(await pointers(ipv4)).toMatchObject({
      dns_ptr: [{ dns_ptr: expect.stringContaining("clients") }],
    });
    await set(ipv6, "2001:db8:1:1:0:0:0:5", "six.example.org");
    expect(await pointers(ipv6)).toMatchObject({
      dns_ptr: [{ ip: "2001:db8:1:1::5", dns_ptr: "six.example.org" }],
    });
    await set(ipv6, "2001:db8:1:1::5", null);
    expect(await pointers(ipv6)).toMatchObject({ dns_ptr: [] });
  });

  it("is set through the server as well, for its addresses only", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const path = `/servers/${server}/actions/change_dns_ptr`;
    await cloud.make("POST", path, { ip: "198.51.100.20", dns_ptr: "web.example.org" });
    await cloud.make("POST", path, { ip: "2001:db8:1:1::1", dns_ptr: "web.example.org" });
    expect((await serverOf(cloud, server)).public_net).toMatchObject({
      ipv4: { dns_ptr: "web.example.org" },
      ipv6: { dns_ptr: [{ ip: "2001:db8:1:1::1", dns_ptr: "web.example.org" }] },
    });
    expect((await cloud.refused("POST", path, { ip: "198.51.100.99", dns_ptr: "x.org" })).error).toBe(
      "404 not_found",
    );
    expect((await cloud.refused("POST", path, { ip: "198.51.100.20", dns_ptr: "a b" })).fields).toEqual([
      "dns_ptr",
    ]);
    expect((await cloud.refused("POST", path, { ip: "web", dns_ptr: null })).fields).toEqual(["ip"]);
  });

  it("is set for an address's own IPs only", async () => {
    const cloud = await startTestCloud();
    const [ipv4, ipv6] = [await address(cloud, "ipv4"), await address(cloud, "ipv6")];
    for (const [id, ip] of [
      [ipv4, "198.51.100.21"],
      [ipv6, "2001:db8:1:2::1"],
    ]) {
      const path = `/primary_ips/${id}/actions/change_dns_ptr`;
      expect((await cloud.refused("POST", path, { ip, dns_ptr: "web.example.org" })).error).toBe(
        "404 not_found",
      );
    }
  });
});
