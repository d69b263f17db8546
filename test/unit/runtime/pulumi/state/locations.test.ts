import { describe, expect, it } from "vitest";
import { placesIn } from "../../../../../runtime/pulumi/state/locations.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:test::nixos-fleet::nixos-fleet:index:Host$${type}::${name}`;
const server = "hcloud:index/server:Server";
const address = "hcloud:index/primaryIp:PrimaryIp";
const command = "command:local:Command";
const resource = (type: string, name: string, more: object = {}) => ({ urn: urn(type, name), type, ...more });
const at = (location: string) => ({ inputs: { location } });

describe("the places in a state", () => {
  it("are those of servers and addresses that stay, and which hosts were installed", () => {
    const resources = [
      resource(server, "web-instance", at("fsn1")),
      resource(server, "db-instance", { ...at("nbg1"), delete: true }),
      resource(address, "web-ipv4", at("hel1")),
      resource("hcloud:index/volume:Volume", "web-volume-data", at("hel1")),
      resource(command, "web-install-run"),
      resource(command, "web-deployment-run"),
      resource(command, "db-install-run", { delete: true }),
    ];
    const places = placesIn(JSON.stringify({ deployment: { resources } }));
    expect([...places.servers]).toEqual([["web-instance", "fsn1"]]);
    expect([...places.addresses]).toEqual([["web-ipv4", "hel1"]]);
    expect([...places.installs]).toEqual(["web-install-run"]);
  });

  it("are zones at Scaleway", () => {
    const zone = (name: string) => ({ inputs: { zone: name } });
    const resources = [
      resource("scaleway:instance/server:Server", "web-instance", zone("fr-par-1")),
      resource("scaleway:instance/ip:Ip", "web-ipv4", zone("nl-ams-1")),
      resource("scaleway:instance/securityGroup:SecurityGroup", "web-firewall", zone("pl-waw-1")),
    ];
    const places = placesIn(JSON.stringify({ deployment: { resources } }));
    expect([...places.servers]).toEqual([["web-instance", "fr-par-1"]]);
    expect([...places.addresses]).toEqual([["web-ipv4", "nl-ams-1"]]);
  });

  it("are none in a stack without resources", () => {
    for (const deployment of [null, {}, { resources: [] }])
      expect(placesIn(JSON.stringify({ deployment })).servers.size).toBe(0);
  });
});
