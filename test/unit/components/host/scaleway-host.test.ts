import { beforeAll, describe, expect, it } from "vitest";
import { Host } from "../../../../components/host/host.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import type { Fact } from "../../../../model/facts/facts.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { factsOf, hostContext, waitingEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

const credentials = { "scaleway:accessKey": "a", "scaleway:secretKey": "s", "scaleway:projectId": "p" };

interface Registration {
  readonly recording: Recording;
  readonly facts: Readonly<Record<"ipv4" | "ipv6", Fact>>;
}

async function register(settings: Record<string, unknown> = {}): Promise<Registration> {
  const hosts = JSON.stringify({ web: { provider: "scaleway", ...settings } });
  const inventory = buildInventory(parseConfiguration({ ...credentials, "fleet:hosts": hosts }));
  const facts = factsOf(inventory);
  const recording = await recordProgram(() => {
    const choice = { scalewayName: "pulumi-nixos-test", evaluator: waitingEvaluator };
    const context = hostContext(inventory, choice, facts);
    for (const host of inventory.hosts) new Host(host, context);
  });
  const fact = (name: "ipv4" | "ipv6") => facts.settle(`hosts.web.${name}`);
  return { recording, facts: { ipv4: await fact("ipv4"), ipv6: await fact("ipv6") } };
}

describe("a host at Scaleway", () => {
  let recording: Recording;
  let facts: Registration["facts"];
  beforeAll(async () => {
    ({ recording, facts } = await register({
      zone: "nl-ams-1",
      image: "debian-13",
      firewall: { tcp: [443], udp: ["5000-5010"] },
    }));
  });

  it("registers exactly its parts, each named after the host", () => {
    expect(recording.resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "command:local:Command web-deployment-run",
      "command:local:Command web-install-run",
      "scaleway:iam/sshKey:SshKey deploy-key-scaleway",
      "scaleway:instance/ip:Ip web-ipv4",
      "scaleway:instance/ip:Ip web-ipv6",
      "scaleway:instance/securityGroup:SecurityGroup web-firewall",
      "scaleway:instance/server:Server web-instance",
      "tls:index/privateKey:PrivateKey deploy-key-pair",
      "tls:index/privateKey:PrivateKey web-bootstrap-key",
      "tls:index/privateKey:PrivateKey web-host-key",
    ]);
    for (const part of ["web-ipv4", "web-ipv6", "web-firewall", "web-instance"])
      expect(recording.options(part).parent, part).toBe("web-server");
    expect(recording.options("deploy-key-scaleway").parent).toBe("deploy-key");
  });

  it("makes everything in its zone, from the image of that name, with the default disk", () => {
    for (const part of ["web-ipv4", "web-ipv6", "web-firewall", "web-instance"])
      expect(recording.resource(part).inputs["zone"], part).toBe("nl-ams-1");
    expect(recording.resource("web-instance").inputs).toMatchObject({
      name: "web",
      type: "DEV1-M",
      image: "debian_trixie",
      state: "started",
      protected: false,
      tags: ["fleet/stack=pulumi-nixos/test", "fleet/host=web"],
      rootVolume: { volumeType: "sbs_volume", sizeInGb: 20, deleteOnTermination: true },
      ipIds: [expect.any(String), expect.any(String)],
      securityGroupId: expect.any(String),
    });
  });

  it.each([
    ["debian-12", "debian_bookworm"],
    ["ubuntu-24.04", "ubuntu_noble"],
  ])("calls %s %s", async (image, label) => {
    const made = await register({ image });
    expect(made.recording.resource("web-instance").inputs["image"]).toBe(label);
  });

  it("waits for the deploy key in the project: an instance takes the keys that are there when it boots", () => {
    expect(recording.options("web-instance").dependsOn).toContainEqual(
      expect.stringMatching(/deploy-key-scaleway$/),
    );
  });

  it("never replaces an instance for its image or user data, and frees its addresses before it does", () => {
    expect(recording.options("web-instance").ignoreChanges).toEqual([
      "image",
      "userData",
      "additionalVolumeIds",
    ]);
    expect(recording.options("web-instance").deleteBeforeReplace).toBe(true);
  });

  it("has its next security group before the old one goes, which an instance in it keeps", () => {
    expect(recording.options("web-firewall").deleteBeforeReplace).toBe(false);
  });

  it("protects what holds data or an address, and nothing else of it", () => {
    for (const part of ["web-instance", "web-ipv4", "web-ipv6"])
      expect(recording.options(part).protect, part).toBe(true);
    expect(recording.options("web-firewall").protect).not.toBe(true);
  });

  it("hands the bootstrap key over as a secret", () => {
    const userData = recording.resource("web-instance").inputs["userData"] as Record<string, unknown>;
    expect(userData["4dabf18193072939515e22adb298388d"]).toBe("1b47061264138c4ac30d75fd1eb44270");
    expect(JSON.stringify(userData["value"])).toContain("private key of web-bootstrap-key");
  });

  it("drops what nobody lets in", () => {
    const { inputs } = recording.resource("web-firewall");
    expect(inputs).toMatchObject({
      stateful: true,
      inboundDefaultPolicy: "drop",
      outboundDefaultPolicy: "accept",
    });
    const rules = inputs["inboundRules"] as { protocol: string; port?: number; portRange?: string }[];
    expect([
      ...new Set(rules.map(({ protocol, port, portRange }) => `${protocol} ${port ?? portRange ?? "-"}`)),
    ]).toEqual(["TCP 22", "ICMP -", "TCP 443", "UDP 5000-5010"]);
  });

  it("knows its addresses: the IPv6 one is the instance's own in its network", () => {
    expect(facts).toEqual({
      ipv4: { known: true, value: "198.51.100.10" },
      ipv6: { known: true, value: "2001:db8:10:0:dc00:ff:fe01:203" },
    });
  });

  it("has the addresses it wants, and no other", async () => {
    const only = await register({ ipv4: false });
    expect(only.recording.resources.map(({ name }) => name)).not.toContain("web-ipv4");
    expect(only.facts.ipv4).toEqual({ known: true, value: null });
    expect(only.recording.resource("web-instance").inputs["ipIds"]).toHaveLength(1);
    expect((await register({ ipv6: false })).facts.ipv6).toEqual({ known: true, value: null });
  });
});
