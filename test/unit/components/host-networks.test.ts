import { beforeAll, describe, expect, it } from "vitest";
import { registerHost } from "./host-program.ts";
import type { Recording } from "./mock-engine.ts";

const networks = {
  back: { range: "10.2.0.0/16", zone: "eu-central" },
  internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" },
};

describe("Host in private networks", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await registerHost(
      { formerly: ["old"], networks: { internal: "10.0.1.3", back: "10.2.0.9" } },
      { networks },
    );
  });

  it("makes each network once, with a subnet of its own", () => {
    expect(recording.resource("network-internal-range").inputs).toMatchObject({
      name: "nixos-fleet-test-internal",
      ipRange: "10.0.0.0/16",
      labels: { "fleet/stack": "nixos-fleet.test" },
    });
    expect(recording.resource("network-internal-subnet").inputs).toMatchObject({
      type: "cloud",
      networkZone: "eu-central",
      ipRange: "10.0.1.0/24",
    });
    expect(recording.resource("network-back-subnet").inputs).toMatchObject({ ipRange: "10.2.0.0/16" });
    for (const name of ["network-internal-range", "network-internal-subnet"])
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
