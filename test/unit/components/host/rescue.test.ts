import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Host } from "../../../../components/host/host.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { unevaluatedSystem } from "../../../../model/protocol/unevaluated-system.ts";
import { hostContext, knownEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const evaluator = knownEvaluator(
  unevaluatedSystem(`/nix/store/${"a".repeat(32)}-nixos-system-web`, "x86_64-linux"),
);

afterEach(() => vi.unstubAllEnvs());

async function register(settings: Record<string, unknown>): Promise<Recording> {
  vi.stubEnv("HCLOUD_TOKEN", "the token");
  vi.stubEnv("HCLOUD_ENDPOINT", "http://127.0.0.1:1/v1/");
  const hosts = JSON.stringify({ web: settings });
  const inventory = buildInventory(parseConfiguration({ "fleet:hosts": hosts }, process.env));
  return await recordProgram(() => {
    const context = hostContext(inventory, { hetznerName: "pulumi-nixos-test", evaluator });
    for (const host of inventory.hosts) new Host(host, context);
  });
}

const spec = z.looseObject({
  provider: z.string(),
  bootstrapHostKey: z.string().nullable(),
  rescue: z.record(z.string(), z.unknown()).nullable(),
});

function specOf(recording: Recording) {
  const { value } = z
    .object({ value: z.string() })
    .parse(recording.resource("web-install-run").inputs["stdin"]);
  return spec.parse(JSON.parse(value));
}

const namesOf = (recording: Recording) =>
  recording.resources.map(({ name }) => name).filter((name) => name.startsWith("web-"));

describe("the rescue system of a host at Hetzner", () => {
  it("is known to its install, with the provider's token on standard input alone", async () => {
    const recording = await register({});
    expect(specOf(recording).rescue).toEqual({
      cloud: "hetzner",
      endpoint: "http://127.0.0.1:1/v1",
      token: "the token",
      serverId: expect.stringMatching(/^\d+$/),
      sshKeyId: expect.stringMatching(/^\d+$/),
      wanted: false,
      pinFile: "/project/.fleet/rescue/test/web.json",
    });
    const others = recording.resources.map(({ inputs: { stdin: _, ...rest } }) => rest);
    expect(JSON.stringify(others)).not.toContain("the token");
    expect(JSON.stringify(recording.resource("web-deployment-run").inputs)).not.toContain("the token");
  });

  it("is the way to install where that is wanted", async () => {
    expect(specOf(await register({ bootstrap: "rescue" })).rescue).toMatchObject({ wanted: true });
  });

  it("lets SSH in on the port of images beside the host's own", async () => {
    const rulesOf = async (settings: object) => {
      const recording = await register({ ssh: settings, firewall: { tcp: [22, 80, 2222] } });
      const rules = recording.resource("web-firewall").inputs["rules"] as {
        protocol: string;
        port?: string;
      }[];
      return rules.map(({ protocol, port }) => `${protocol} ${port ?? ""}`.trim());
    };
    expect(await rulesOf({ port: 2222 })).toEqual(["tcp 2222", "tcp 22", "icmp", "tcp 80"]);
    expect(await rulesOf({ port: 2222, previous: { port: 2200 } })).toEqual([
      ...["tcp 2222", "tcp 2200", "tcp 22", "icmp", "tcp 80"],
    ]);
    expect(await rulesOf({ port: 22 })).toEqual(["tcp 22", "icmp", "tcp 80", "tcp 2222"]);
  });
});

describe("an imported server", () => {
  it("is imported as it is, alone, and outlives the stack", async () => {
    const recording = await register({ importServer: 4711, hostKey: key });
    expect(namesOf(recording).sort()).toEqual([
      "web-deployment-run",
      "web-host-key",
      "web-install-run",
      "web-instance",
    ]);
    const { inputs } = recording.resource("web-instance");
    const { ignoreChanges, protect, imported, retained } = recording.options("web-instance");
    expect(imported).toBe("4711");
    expect(retained).toBe(true);
    expect(protect).toBe(true);
    for (const input of [...Object.keys(inputs), "name", "labels", "publicNets", "firewallIds", "image"])
      expect(ignoreChanges).toContain(input);
  });

  it("is not taken for one of ours", async () => {
    expect(specOf(await register({ importServer: 4711, hostKey: key }))).toMatchObject({
      provider: "existing",
      bootstrapHostKey: key,
      rescue: { wanted: false },
    });
  });

  it("needs no key where it is entered through rescue", async () => {
    expect(specOf(await register({ importServer: "4711", bootstrap: "rescue" }))).toMatchObject({
      provider: "existing",
      bootstrapHostKey: null,
      rescue: { wanted: true },
    });
  });

  it("keeps its key where it is taken over with its NixOS, be it asked for", async () => {
    const recording = await register({ importServer: 4711, trustOnFirstUse: true, bootstrap: "none" });
    expect(namesOf(recording).sort()).toEqual([
      "web-deployment-run",
      "web-host-key-scan",
      "web-install-run",
      "web-instance",
    ]);
    expect(recording.resource("web-install-run").inputs["create"]).toMatch(/ internal take-over$/);
    expect(recording.options("web-install-run").dependsOn).toEqual(["web-instance", "web-host-key-scan"]);
  });
});
