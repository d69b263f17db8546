import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { evaluate } from "../miniflake/nix.ts";
import { copyOfHosts, type HostsCopy } from "./hosts-copy.ts";

let flake: HostsCopy;
beforeEach(() => {
  flake = copyOfHosts();
});
afterEach(() => flake.remove());

describe("hosts that know others", () => {
  const facts = (web: string) => `{ fleet = {
    managed = true; self = "edge-2"; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
    hosts.web = { provider = "hetzner"; hostKey = "ssh-ed25519 AAAA web"; ${web} };
    hosts.edge-2 = { provider = "scaleway"; ipv4 = "198.51.100.9"; ipv6 = "2001:db8:9::9"; };
  }; }`;

  test("edge: named by the stack, hands on to where it reaches web", async () => {
    const read = async (web: string) =>
      await evaluate(flake.host("edge", "config.services.nginx.virtualHosts.default.locations", facts(web)));
    expect(await read('ipv4 = "198.51.100.7";')).toEqual({ "/": { proxyPass: "http://198.51.100.7" } });
    expect(await evaluate(flake.host("edge", "config.networking.hostName", facts("")))).toBe("edge-2");
    const alone = '{ fleet.deployKeys = [ "a key" ]; }';
    expect(
      await evaluate(flake.host("edge", "config.services.nginx.virtualHosts.default.locations", alone)),
    ).toEqual({});
    expect(await evaluate(flake.host("edge", "config.networking.hostName", alone))).toBe("edge");
  });

  test("office: SSH knows the others' keys", async () => {
    const web = 'ipv4 = "198.51.100.7";';
    expect(
      await evaluate(flake.host("office", "config.programs.ssh.knownHosts.web.publicKey", facts(web))),
    ).toBe("ssh-ed25519 AAAA web");
  });

  test("db: web logs in from the networks that db is in, and from nowhere while it is in none", async () => {
    const authentication = "config.services.postgresql.authentication";
    const networks = `fleet.networks = {
      internal = { range = "10.0.0.0/16"; subnet = "10.0.1.0/24"; };
      other = { range = "10.9.0.0/16"; subnet = "10.9.1.0/24"; };
    };`;
    const db = `{ fleet = { managed = true; self = "db"; deployKeys = [ "a key" ]; hosts.db.provider = "hetzner"; }; ${networks} }`;
    const member = `${db} { fleet.hosts.db.privateAddresses.internal = "10.0.1.3"; }`;
    expect(await evaluate(flake.host("db", authentication, member))).toBe(
      "host web web 10.0.1.0/24 scram-sha-256",
    );
    expect(await evaluate(flake.host("db", authentication, db))).toBe("");
    expect(await evaluate(flake.host("db", authentication, ""))).toBe("");
  });
});
