import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { openPorts } from "../../../../components/host/open-ports.ts";
import { openPortRules } from "../../../../components/server/hetzner/nixos-firewall.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import type { OpenPorts } from "../../../../model/firewall/open-ports.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { HostNames } from "../../../../model/naming/host-names.ts";
import type { HostSystem } from "../../../../model/protocol/connection.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

const single = (port: number) => ({ from: port, to: port });
const opened: OpenPorts = {
  enable: true,
  everywhere: { tcp: [single(22), single(80)], udp: [] },
  interfaces: { eth0: { tcp: [single(443)], udp: [] } },
};

async function register(settings: object, traits: { openPorts: OpenPorts }): Promise<Recording> {
  const raw = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify({ web: settings }),
    "fleet:ssh": JSON.stringify({ port: 2222, allowedCidrs: ["198.51.100.0/24"] }),
  };
  const inventory = buildInventory(parseConfiguration(raw));
  return recordProgram(() => {
    const server = {
      serverId: pulumi.output("17"),
      ipv4: pulumi.output(null),
      ipv6: pulumi.output(null),
      address: pulumi.output("198.51.100.7"),
      bootstrapHostKey: pulumi.output(null),
      ready: [],
      volumes: new Map(),
      attachRemaining: () => [],
    };
    // Nothing else of a system is looked at.
    const system = pulumi.output({ traits } as HostSystem);
    const parent = new pulumi.ComponentResource("nixos:index:Host", "web");
    for (const host of inventory.hosts) {
      const made = { names: new HostNames(host), server, system, after: [] };
      openPorts(host, { inventory, stack: "fleet/prod" }, made, parent);
    }
  });
}

const wanted = {
  aliases: ["www"],
  firewall: { fromNixos: true, publicInterface: "eth0", tcp: [25] },
};
const rulesOf = (recording: Recording) =>
  (
    recording.resource("web-nixos-firewall").inputs["rules"] as {
      protocol: string;
      port?: string;
      sourceIps: string[];
    }[]
  ).map(({ protocol, port, sourceIps }) => `${protocol} ${port ?? ""} ${sourceIps.join(" ")}`);
const all = "0.0.0.0/0 ::/0";

describe("the firewall that follows the configuration", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await register(wanted, { openPorts: opened });
  });

  it("lets in what the server's first one does, and what the configuration opens", () => {
    expect(rulesOf(recording)).toEqual([
      "tcp 2222 198.51.100.0/24",
      "tcp 22 198.51.100.0/24",
      `icmp  ${all}`,
      `tcp 25 ${all}`,
      `tcp 80 ${all}`,
      `tcp 443 ${all}`,
    ]);
  });

  it("belongs to the server, has a name of Pulumi's making, and comes before the old one goes", () => {
    const { inputs } = recording.resource("web-nixos-firewall");
    expect(inputs["applyTos"]).toEqual([{ server: 17 }]);
    expect(inputs["name"]).toBeUndefined();
    expect(inputs["labels"]).toMatchObject({ "fleet/stack": "fleet.prod", "fleet/host": "web" });
    const { deleteBeforeReplace, parent, aliases } = recording.options("web-nixos-firewall");
    expect([deleteBeforeReplace, parent, aliases.length]).toEqual([false, "web", 1]);
  });

  it("is none where nobody asked for it", async () => {
    const without = await register({ firewall: { tcp: [80] } }, { openPorts: opened });
    expect(without.resources.map(({ name }) => name)).not.toContain("web-nixos-firewall");
  });

  it("lets nothing more in for a configuration without a firewall", async () => {
    const off = await register(wanted, { openPorts: { ...opened, enable: false } });
    expect(rulesOf(off).slice(3)).toEqual([`tcp 25 ${all}`]);
  });

  it("is refused where the API would refuse it", () => {
    const many = Array.from({ length: 60 }, (_, index) => single(1000 + 2 * index));
    const openings = { sshAllowedCidrs: ["0.0.0.0/0"], sshPorts: [22], tcp: [], udp: [] };
    const rules = (tcp: typeof many) =>
      openPortRules("web", { ...opened, everywhere: { tcp, udp: [] } }, { openings, publicInterface: null });
    expect(rules(many.slice(0, 48))).toHaveLength(50);
    expect(() => rules(many.slice(0, 49))).toThrow(
      /web: opening ports failed: .* 51 rules are needed, and a firewall at Hetzner has 50/,
    );
  });
});
