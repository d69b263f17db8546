import { describe, expect, it } from "vitest";
import { dhcpConfiguration } from "../../../harness/machines/dhcp-server.ts";

describe("the DHCP server of a private network", () => {
  const network = { id: "n", range: "10.0.0.0/16", gateway: "10.0.0.1", mtu: 1450 };
  const card = (mac: string, address: string) => ({ network, mac, address });
  const lines = (...args: Parameters<typeof dhcpConfiguration>) => dhcpConfiguration(...args).split("\n");

  it("gives single addresses and the way through the router, where there is one", () => {
    const said = lines("/leases", network, [card("86:00:00:00:00:01", "10.0.1.2")]);
    expect(said.filter((line) => line.startsWith("opt "))).toEqual([
      "opt subnet 255.255.255.255",
      "opt staticroutes 10.0.0.1/32 0.0.0.0, 10.0.0.0/16 10.0.0.1",
      "opt mtu 1450",
      "opt lease 86400",
    ]);
  });

  it.each([
    ["172.16.8.0/22", "255.255.252.0"],
    ["10.0.0.0/8", "255.0.0.0"],
    ["10.0.0.0/31", "255.255.255.254"],
  ])("gives addresses of %s with its netmask, where there is no router", (range, netmask) => {
    const said = lines("/leases", { ...network, range, gateway: null }, []);
    expect(said).toContain(`opt subnet ${netmask}`);
    expect(said.join()).not.toContain("staticroutes");
  });

  it("knows the cards it is told, and has no address for others", () => {
    const said = lines("/leases", network, [
      card("86:00:00:00:00:01", "10.0.1.2"),
      card("86:00:00:00:00:02", "10.0.1.3"),
    ]);
    expect(said.filter((line) => line.startsWith("static_lease "))).toEqual([
      "static_lease 86:00:00:00:00:01 10.0.1.2",
      "static_lease 86:00:00:00:00:02 10.0.1.3",
    ]);
    // The server's own, which udhcpd gives to nobody.
    expect(said).toEqual(expect.arrayContaining(["start 10.0.0.1", "end 10.0.0.1"]));
  });
});
