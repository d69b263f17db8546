import { beforeAll, describe, expect, it } from "vitest";
import { registerHost } from "../host-program.ts";
import type { Recording } from "../mock-engine.ts";

const networks = {
  back: { range: "10.2.0.0/16", zone: "eu-central" },
  internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" },
};

describe("Host in private networks", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await registerHost(
      { aliases: ["old"], networks: { internal: "10.0.1.3", back: "10.2.0.9" } },
      { networks },
    );
  });

  it("makes each network once, with a subnet of its own", () => {
    expect(recording.resource("network-internal-network").inputs).toMatchObject({
      name: "pulumi-nixos-test-internal",
      ipRange: "10.0.0.0/16",
      labels: { "fleet/stack": "pulumi-nixos.test" },
    });
    expect(recording.resource("network-internal-subnet").inputs).toMatchObject({
      type: "cloud",
      networkZone: "eu-central",
      ipRange: "10.0.1.0/24",
    });
    expect(recording.resource("network-back-subnet").inputs).toMatchObject({ ipRange: "10.2.0.0/16" });
    for (const name of ["network-internal-network", "network-internal-subnet"])
      expect(recording.options(name)).toMatchObject({
        parent: "network-internal",
        deleteBeforeReplace: true,
      });
  });

  it("puts its server into each at its address, one after the other, before the install", () => {
    expect(recording.resource("web-network-internal").inputs).toMatchObject({
      ip: "10.0.1.3",
      serverId: expect.any(Number),
      subnetId: expect.any(String),
    });
    expect(recording.resource("web-network-back").inputs).toMatchObject({ ip: "10.2.0.9" });
    expect(recording.options("web-network-internal")).toMatchObject({
      parent: "web-server",
      deleteBeforeReplace: true,
      aliases: [{ name: "old-network-internal" }],
    });
    expect(recording.options("web-network-back").dependsOn).toContain("web-network-internal");
    expect(recording.options("web-network-internal").dependsOn).not.toContain("web-network-back");
    const before = recording.options("web-install-run").dependsOn;
    expect(before).toEqual(expect.arrayContaining(["web-network-internal", "web-network-back"]));
  });
});

describe("Host with what outlives its server", () => {
  const settings = {
    aliases: ["old"],
    volumes: { logs: { size: 10 }, data: { size: 20 } },
    placementGroup: "apart",
    reverseDns: "{host}.example.org",
    location: "hel1",
    networks: { internal: "10.0.1.3" },
  };
  let recording: Recording;
  beforeAll(async () => {
    recording = await registerHost(settings, { networks });
  });

  it("makes volumes blank, where the server stands, and protects them as the server", async () => {
    const { inputs } = recording.resource("web-volume-data");
    expect(inputs).toMatchObject({ name: "web-data", size: 20, location: "hel1" });
    expect(inputs).not.toHaveProperty("format");
    expect(inputs).not.toHaveProperty("serverId");
    expect(recording.options("web-volume-data")).toMatchObject({
      protect: true,
      deleteBeforeReplace: true,
      aliases: [{ name: "old-volume-data" }],
    });
    const unprotected = await registerHost({ ...settings, protect: false }, { networks });
    expect(unprotected.options("web-volume-data").protect).toBe(false);
  });

  it("protects nothing that is bound to a location while the server may still be made elsewhere", async () => {
    const { location: _, ...open } = settings;
    const places = { locations: ["hel1", "nbg1"], deleteProtection: true };
    const early = await registerHost({ ...open, ...places }, { networks });
    for (const name of ["web-ipv4", "web-ipv6", "web-volume-data"]) {
      expect(early.resource(name).inputs, name).toMatchObject({ location: "hel1", deleteProtection: false });
      expect(early.options(name), name).toMatchObject({ protect: false, deleteBeforeReplace: true });
    }
    expect(early.options("web-instance").protect).toBe(true);
    expect(early.resource("web-instance").inputs["deleteProtection"]).toBe(true);
  });

  it("attaches them after the install, one after the other, and deploys after that", () => {
    const dependsOn = (name: string) => recording.options(name).dependsOn;
    const [first, second] = ["web-volume-data-attachment", "web-volume-logs-attachment"];
    expect(dependsOn("web-install-run")).not.toContain(first);
    for (const name of [first, second]) {
      expect(dependsOn(name)).toContain("web-install-run");
      expect(dependsOn("web-deployment-run")).toContain(name);
      expect(recording.options(name).deleteBeforeReplace).toBe(true);
    }
    expect(dependsOn(second)).toContain(first);
    expect(dependsOn(first)).not.toContain(second);
    expect(recording.resource(first).inputs).toMatchObject({
      automount: false,
      serverId: expect.any(Number),
    });
  });

  it("names its addresses after all that locks the server, one after the other", () => {
    expect(recording.resource("web-ipv4-rdns").inputs).toMatchObject({
      primaryIpId: expect.any(Number),
      ipAddress: "198.51.100.10",
      dnsPtr: "web.example.org",
    });
    // Of its network the server uses the first address.
    expect(recording.resource("web-ipv6-rdns").inputs).toMatchObject({ ipAddress: "2001:db8:10::1" });
    expect(recording.options("web-ipv4-rdns").dependsOn).toEqual(
      expect.arrayContaining(["web-instance", "web-network-internal"]),
    );
    expect(recording.options("web-ipv6-rdns").dependsOn).toEqual(["web-ipv4-rdns"]);
  });

  it("puts its server into its placement group, which is made once", () => {
    expect(recording.resource("placement-apart-group").inputs).toMatchObject({
      name: "pulumi-nixos-test-apart",
      type: "spread",
    });
    expect(recording.resource("web-instance").inputs["placementGroupId"]).toEqual(expect.any(Number));
  });
});
