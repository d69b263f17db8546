import { beforeAll, describe, expect, it } from "vitest";
import { registerHost } from "../../host-program.ts";
import type { Recording } from "../../mock-engine.ts";

const networks = {
  back: { provider: "scaleway", subnet: "172.16.12.0/22", region: "nl-ams" },
  internal: { provider: "scaleway", subnet: "172.16.8.0/22", region: "nl-ams" },
};

describe("what surrounds a host at Scaleway", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await registerHost(
      {
        provider: "scaleway",
        zone: "nl-ams-1",
        aliases: ["old"],
        networks: { internal: "172.16.8.3", back: "172.16.12.9" },
        placementGroup: "spread",
        volumes: { logs: { size: 10 }, data: { size: 20 } },
        reverseDns: "{host}.example.org",
      },
      { networks },
    );
  });

  const inputs = (name: string) => recording.resource(name).inputs;

  it("is a private network of the region, in its default VPC", () => {
    expect(inputs("network-internal-network")).toMatchObject({
      name: "pulumi-nixos-test-internal",
      region: "nl-ams",
      ipv4Subnet: { subnet: "172.16.8.0/22" },
      tags: ["fleet/stack=pulumi-nixos/test"],
    });
    expect(recording.options("network-internal-network")).toMatchObject({
      parent: "network-internal",
      deleteBeforeReplace: false,
    });
  });

  it("is an address that is reserved for the host, and a network card that has it, one after the other", () => {
    expect(inputs("web-private-address-internal")).toMatchObject({
      address: "172.16.8.3",
      region: "nl-ams",
      sources: [{ privateNetworkId: expect.any(String) }],
    });
    expect(inputs("web-network-internal")).toMatchObject({
      zone: "nl-ams-1",
      serverId: expect.any(String),
      ipamIpIds: [expect.any(String)],
    });
    expect(recording.options("web-network-internal")).toMatchObject({
      parent: "web-server",
      deleteBeforeReplace: true,
      aliases: expect.arrayContaining([{ name: "old-network-internal" }]),
    });
    expect(recording.options("web-private-address-internal").aliases).toContainEqual({
      name: "old-private-address-internal",
    });
    expect(recording.options("web-network-back").dependsOn).toContain("web-network-internal");
    expect(recording.options("web-install-run").dependsOn).toEqual(
      expect.arrayContaining(["web-network-internal", "web-network-back"]),
    );
  });

  it("is a placement group of its zone, which the instance is made in", () => {
    expect(inputs("placement-spread-nl-ams-1-group")).toMatchObject({
      name: "pulumi-nixos-test-spread",
      zone: "nl-ams-1",
      policyType: "max_availability",
    });
    expect(inputs("web-instance")["placementGroupId"]).toEqual(expect.any(String));
  });

  it("is volumes that nothing takes away, attached one after the other between install and deployment", () => {
    expect(inputs("web-volume-data")).toMatchObject({ name: "web-data", sizeInGb: 20, zone: "nl-ams-1" });
    expect(recording.options("web-volume-data")).toMatchObject({
      protect: true,
      parent: "web-server",
      aliases: expect.arrayContaining([{ name: "old-volume-data" }]),
    });
    expect(inputs("web-instance")["additionalVolumeIds"]).toBeUndefined();
    const attachment = recording.options("web-volume-data-attachment");
    expect(attachment.dependsOn).toContain("web-install-run");
    expect(attachment).toMatchObject({ parent: "web-server", deleteBeforeReplace: true });
    expect(attachment.ignoreChanges).not.toContain("stdin");
    expect(recording.options("web-volume-logs-attachment").dependsOn).toContain("web-volume-data-attachment");
    expect(recording.options("web-deployment-run").dependsOn).toEqual(
      expect.arrayContaining(["web-volume-data-attachment", "web-volume-logs-attachment"]),
    );
  });

  it("attaches and detaches by our command, which is told on its standard input alone where and with which key", () => {
    const { create, update, delete: remove, stdin, triggers } = inputs("web-volume-data-attachment");
    expect(create).toMatch(/^exec node \S+ internal attach-volume$/);
    expect(update).toBe(create);
    expect(remove).toMatch(/^exec node \S+ internal detach-volume$/);
    expect(triggers).toHaveLength(2);
    expect(JSON.parse((stdin as { value: string }).value)).toMatchObject({
      version: 1,
      cloud: "scaleway",
      host: "web",
      volume: "data",
      endpoint: "https://api.scaleway.com",
      secretKey: "s",
    });
  });

  it("is a name that each address leads back to", () => {
    expect(inputs("web-ipv4-rdns")).toMatchObject({ reverse: "web.example.org", zone: "nl-ams-1" });
    expect(inputs("web-ipv6-rdns")).toMatchObject({
      hostname: "web.example.org",
      address: "2001:db8:10:0:dc00:ff:fe01:203",
      region: "nl-ams",
      ipamIpId: expect.stringMatching(/^nl-ams\//),
    });
  });

  it("is a name that goes with its address, and is taken off before it is set again", () => {
    expect(recording.options("web-ipv4-rdns")).toMatchObject({
      replaceOnChanges: ["ipId"],
      deleteBeforeReplace: true,
    });
    expect(recording.options("web-ipv6-rdns")).toMatchObject({
      replaceOnChanges: ["ipamIpId"],
      deleteBeforeReplace: true,
    });
  });
});

describe("a host at Scaleway that nothing surrounds", () => {
  it("has none of it", async () => {
    const recording = await registerHost({ provider: "scaleway" });
    const names = recording.resources.map(({ name }) => name);
    expect(names.filter((name) => /network|volume|placement|name/.test(name))).toEqual([]);
    expect(recording.resource("web-instance").inputs).not.toHaveProperty("placementGroupId");
  });
});
