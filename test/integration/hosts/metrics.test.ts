import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { evaluate, evaluationError } from "../miniflake/nix.ts";
import { copyOfHosts, type HostsCopy } from "./hosts-copy.ts";

let flake: HostsCopy;
beforeEach(() => {
  flake = copyOfHosts();
});
afterEach(() => flake.remove());

describe("metrics", () => {
  const fleet = (more = "") => `{ fleet = {
    managed = true; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
    hosts.monitor = { provider = "hetzner"; tags = [ "monitoring" ]; ipv4 = "203.0.113.1"; ipv6 = "2001:db8::1"; };
    hosts.web = { provider = "hetzner"; tags = [ "monitored" ]; ipv4 = "203.0.113.2"; ipv6 = "2001:db8::2"; };
    hosts.db = { provider = "hetzner"; tags = [ "monitored" ]; ipv4 = null; ipv6 = "2001:db8::3"; };
  }; } ${more}`;
  const shared = `{ fleet.hosts = {
    monitor.privateAddresses = { a = "10.0.0.1"; z = "10.9.0.1"; };
    web.privateAddresses = { b = "10.1.0.2"; z = "10.9.0.2"; };
  }; }`;
  const targets = async (more?: string) => {
    const configs = await evaluate(
      flake.host("monitor", "config.services.prometheus.scrapeConfigs", fleet(more)),
    );
    return JSON.stringify(configs);
  };
  const rules = (name: string, more?: string) =>
    evaluate(flake.host(name, 'config.networking.firewall.extraInputRules or ""', fleet(more)));

  test("of every host with the tag, at an address of a kind that both hosts have", async () => {
    expect(JSON.parse(await targets())).toEqual([
      {
        job_name: "node",
        static_configs: [
          { targets: ["[2001:db8::3]:9100"], labels: { host: "db" } },
          { targets: ["203.0.113.2:9100"], labels: { host: "web" } },
        ],
      },
    ]);
    expect(await evaluate(flake.host("monitor", "config.services.prometheus.listenAddress", fleet()))).toBe(
      "127.0.0.1",
    );
  });

  test("go through a private network that both are in, public addresses unread", async () => {
    expect(await targets(shared)).toContain('"10.9.0.2:9100"');
    const unread = `${shared} { fleet.hosts.web = { ipv4 = throw "read"; ipv6 = throw "read"; }; }`;
    const reached = "config.fleet.hosts.web.peerAddress";
    const withoutPublic = fleet(unread).replace('ipv4 = "203.0.113.2"; ipv6 = "2001:db8::2";', "");
    expect(await evaluate(flake.host("monitor", reached, withoutPublic))).toBe("10.9.0.2");
  });

  test("are given to the monitoring hosts alone, and by nobody without the tag", async () => {
    expect(await rules("web")).toBe("ip saddr 203.0.113.1 tcp dport 9100 accept");
    expect(await rules("db")).toBe("ip6 saddr 2001:db8::1 tcp dport 9100 accept");
    expect(await rules("web", shared)).toBe("ip saddr 10.9.0.1 tcp dport 9100 accept");
    expect(await rules("monitor")).toBe("");
    const exporters = "config.services.prometheus.exporters.node.enable or false";
    expect(await evaluate(flake.host("web", exporters, fleet()))).toBe(true);
    expect(await evaluate(flake.host("web", exporters))).toBe(false);
  });

  test("of a host that cannot be reached are an error that names it", async () => {
    const apart = fleet().replace('ipv4 = "203.0.113.1"; ipv6 = "2001:db8::1";', 'ipv4 = "203.0.113.1";');
    const read = "config.services.prometheus.scrapeConfigs";
    expect(await evaluationError(flake.host("monitor", read, apart))).toContain("cannot reach db");
  });
});
