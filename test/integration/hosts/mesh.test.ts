import { isIPv6 } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { evaluate, evaluationError } from "../miniflake/nix.ts";
import { copyOfHosts, type HostsCopy } from "./hosts-copy.ts";

let flake: HostsCopy;
beforeEach(() => {
  flake = copyOfHosts();
});
afterEach(() => flake.remove());

const interfaceSchema = z.strictObject({
  ips: z.array(z.string()),
  listenPort: z.number(),
  privateKeyFile: z.string(),
  peers: z.array(
    z.strictObject({
      name: z.string(),
      publicKey: z.string(),
      endpoint: z.string(),
      allowedIPs: z.array(z.string()),
    }),
  ),
});

describe("the mesh", () => {
  const fleet = (more = "", stack = "prod") => `{ fleet = {
    managed = true; project = "fleet"; stack = "${stack}"; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
    hosts.web = { provider = "hetzner"; tags = [ "mesh" ]; ipv4 = "203.0.113.1"; ipv6 = "2001:db8::1"; wireguardKey = "WEB"; };
    hosts.db = { provider = "scaleway"; tags = [ "mesh" ]; ipv4 = null; ipv6 = "2001:db8::2"; wireguardKey = "DB"; };
    hosts.monitor = { provider = "existing"; tags = [ ]; ipv4 = throw "read"; ipv6 = throw "read"; wireguardKey = throw "read"; };
  }; } ${more}`;
  const third = `{ fleet.hosts.shop = { provider = "existing"; tags = [ "mesh" ]; ipv4 = "203.0.113.3"; wireguardKey = "SHOP"; }; }`;
  const read = (host: string, what: string, more?: string, stack?: string) =>
    evaluate(flake.host(host, what, fleet(more, stack)));
  const made = async (host: string, more?: string) =>
    interfaceSchema.parse(await read(host, "config.networking.wireguard.interfaces.mesh0", more));
  const addresses = async (more?: string, stack?: string) =>
    z.record(z.string(), z.string()).parse(await read("web", "config.fleet.mesh.addresses", more, stack));

  test("joins the hosts of the tag, each at where this one reaches it, and reads no fact of any other", async () => {
    const { web = "", db = "" } = await addresses();
    const common = { listenPort: 51820, privateKeyFile: "/run/fleet-mesh/private-key" };
    expect(await made("web")).toEqual({
      ...common,
      ips: [`${web}/128`],
      peers: [{ name: "db", publicKey: "DB", endpoint: "[2001:db8::2]:51820", allowedIPs: [`${db}/128`] }],
    });
    expect(await made("db")).toEqual({
      ...common,
      ips: [`${db}/128`],
      peers: [{ name: "web", publicKey: "WEB", endpoint: "[2001:db8::1]:51820", allowedIPs: [`${web}/128`] }],
    });
    expect((await made("web", third)).peers.map(({ name, endpoint }) => [name, endpoint])).toEqual([
      ["db", "[2001:db8::2]:51820"],
      ["shop", "203.0.113.3:51820"],
    ]);
  });

  test("goes through a private network that both are in", async () => {
    const shared = `{ fleet.hosts.web.privateAddresses.lan = "10.0.0.1"; fleet.hosts.db.privateAddresses.lan = "10.0.0.2"; }`;
    expect((await made("web", shared)).peers[0]?.endpoint).toBe("10.0.0.2:51820");
  });

  test("gives addresses that are IPv6, of one local prefix, another in another stack, and stay when a host comes", async () => {
    const before = await addresses();
    expect(Object.keys(before)).toEqual(["db", "web"]);
    for (const address of Object.values(before)) {
      expect(isIPv6(address)).toBe(true);
      expect(address).toMatch(/^fd[0-9a-f]{2}:/);
    }
    const prefixes = (all: Record<string, string>) => [
      ...new Set(Object.values(all).map((address) => address.split(":").slice(0, 4).join(":"))),
    ];
    expect(prefixes(before)).toHaveLength(1);
    const after = await addresses(third);
    expect(after).toMatchObject(before);
    expect(new Set(Object.values(after)).size).toBe(3);
    expect(prefixes(await addresses("", "fleet/test"))).not.toEqual(prefixes(before));
  });

  test("takes addresses, port, interface and tag of one's own", async () => {
    const own = `{ fleet.mesh = { addresses.db = "10.99.0.2"; port = 4500; interface = "wg0"; tag = "vpn"; }; }
      { fleet.hosts.web.tags = [ "vpn" ]; fleet.hosts.db.tags = [ "vpn" ]; }`;
    const wg0 = interfaceSchema.parse(await read("web", "config.networking.wireguard.interfaces.wg0", own));
    expect(wg0).toMatchObject({
      listenPort: 4500,
      peers: [{ endpoint: "[2001:db8::2]:4500", allowedIPs: ["10.99.0.2/32"] }],
    });
    expect(await read("web", "config.networking.firewall.allowedUDPPorts", own)).toEqual([4500]);
    expect(await read("web", "config.systemd.services.fleet-mesh-key.requiredBy", own)).toEqual([
      "wireguard-wg0.service",
    ]);
  });

  test("opens its port, by the scripts of NixOS, with a key that is made before the interface", async () => {
    expect(await read("web", "config.networking.firewall.allowedUDPPorts")).toEqual([51820]);
    expect(await read("web", "config.networking.wireguard.useNetworkd")).toBe(false);
    expect(await read("web", "config.systemd.services.fleet-mesh-key")).toMatchObject({
      before: ["wireguard-mesh0.service"],
      requiredBy: ["wireguard-mesh0.service"],
      scriptArgs: "/etc/ssh/ssh_host_ed25519_key /run/fleet-mesh/private-key",
      serviceConfig: { Type: "oneshot", RuntimeDirectory: "fleet-mesh", RuntimeDirectoryMode: "0700" },
    });
  });

  test("is nothing to a host without the tag", async () => {
    expect(await read("monitor", "config.networking.wireguard.interfaces")).toEqual({});
    expect(await read("monitor", "config.systemd.services ? fleet-mesh-key")).toBe(false);
    expect(await read("monitor", "config.networking.firewall ? allowedUDPPorts")).toBe(false);
  });

  test.each([
    [
      "keeps its own host key",
      `{ fleet.hosts.shop = { provider = "existing"; tags = [ "mesh" ]; ipv4 = "203.0.113.3"; }; }`,
      "cannot take in shop",
    ],
    ["shares no kind of address", third.replace("ipv4", "hostKey"), "cannot join web and shop"],
  ])("names a host that %s", async (_, more, message) => {
    const interfaces = "config.networking.wireguard.interfaces.mesh0.peers";
    expect(await evaluationError(flake.host("web", interfaces, fleet(more)))).toContain(message);
  });

  test("refuses an address that two hosts have", async () => {
    const twice = `{ fleet.mesh.addresses = { web = "10.99.0.1"; db = "10.99.0.1"; }; }`;
    expect(await read("web", "failed", twice)).toEqual([expect.stringContaining("the same address")]);
    expect(await read("web", "failed")).toEqual([]);
  });
});
