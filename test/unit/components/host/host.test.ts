import { beforeAll, describe, expect, it } from "vitest";
import { registerHost, system, toplevel } from "../host-program.ts";
import type { Recording } from "../mock-engine.ts";
import { mockedHostKey } from "../open-ssh-key.ts";

/** Stdin is one secret: the engine's wrapper around it, unwrapped. */
function specOf(recording: Recording, name: string): Record<string, unknown> {
  const { stdin } = recording.resource(name).inputs;
  const secret = stdin as { [key: string]: unknown; value: unknown };
  expect(secret["4dabf18193072939515e22adb298388d"]).toBe("1b47061264138c4ac30d75fd1eb44270");
  return JSON.parse(String(secret.value)) as Record<string, unknown>;
}

describe("Host", () => {
  let recording: Recording;
  beforeAll(async () => {
    recording = await registerHost({ firewall: { tcp: [443], udp: [51820] }, labels: { team: "a" } });
  });

  it("registers exactly its parts, each named after the host", () => {
    expect(recording.resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "command:local:Command web-deployment-run",
      "command:local:Command web-install-run",
      "hcloud:index/firewall:Firewall web-firewall",
      "hcloud:index/primaryIp:PrimaryIp web-ipv4",
      "hcloud:index/primaryIp:PrimaryIp web-ipv6",
      "hcloud:index/server:Server web-instance",
      "hcloud:index/sshKey:SshKey deploy-key-hetzner",
      "tls:index/privateKey:PrivateKey deploy-key-pair",
      "tls:index/privateKey:PrivateKey web-bootstrap-key",
      "tls:index/privateKey:PrivateKey web-host-key",
    ]);
  });

  it("nests every part under the component it belongs to", () => {
    const parents = [
      "web-host-key",
      "web-ipv4",
      "web-firewall",
      "web-instance",
      "web-install-run",
      "web-deployment-run",
    ];
    expect(parents.map((name) => recording.options(name).parent)).toEqual([
      "web-identity",
      "web-server",
      "web-server",
      "web-server",
      "web-install",
      "web-deployment",
    ]);
  });

  it("protects what holds data or identity, and nothing that must be replaceable", () => {
    for (const name of [
      "web-instance",
      "web-ipv4",
      "web-ipv6",
      "web-host-key",
      "web-bootstrap-key",
      "deploy-key-pair",
    ])
      expect(recording.options(name).protect, name).toBe(true);
    for (const name of ["web-install-run", "web-deployment-run", "web-firewall"])
      expect(recording.options(name).protect, name).not.toBe(true);
  });

  it("never replaces a server for its image, user data or keys", () => {
    expect(recording.options("web-instance").ignoreChanges).toEqual(["image", "userData", "sshKeys"]);
    expect(recording.options("web-instance").deleteBeforeReplace).toBe(true);
  });

  it("gives addresses that outlive the server", () => {
    expect(recording.resource("web-ipv4").inputs).toMatchObject({
      type: "ipv4",
      autoDelete: false,
      location: "nbg1",
    });
    expect(recording.resource("web-instance").inputs["publicNets"]).toEqual([
      { ipv4Enabled: true, ipv6Enabled: true, ipv4: expect.any(Number), ipv6: expect.any(Number) },
    ]);
  });

  it("opens SSH, ICMP and the declared ports, and nothing else", () => {
    const rules = recording.resource("web-firewall").inputs["rules"] as { protocol: string; port?: string }[];
    expect(rules.map(({ protocol, port }) => `${protocol} ${port ?? ""}`.trim())).toEqual([
      "tcp 22",
      "icmp",
      "tcp 443",
      "udp 51820",
    ]);
  });

  it("labels the server with its stack and host", () => {
    expect(recording.resource("web-instance").inputs["labels"]).toEqual({
      "fleet/stack": "pulumi-nixos.test",
      "fleet/host": "web",
      team: "a",
    });
  });

  it("runs commands again for their triggers alone", () => {
    const everythingElse = [
      "addPreviousOutputInEnv",
      "create",
      "delete",
      "dir",
      "environment",
      "interpreter",
      "logging",
      "stdin",
      "update",
    ];
    expect(recording.options("web-install-run").ignoreChanges).toEqual(everythingElse);
    expect(recording.options("web-deployment-run").ignoreChanges).toEqual([...everythingElse, "triggers[2]"]);
    expect(recording.resource("web-install-run").inputs["triggers"]).toEqual([
      expect.stringMatching(/^\d+$/),
      "",
    ]);
    expect(recording.resource("web-deployment-run").inputs["triggers"]).toEqual([
      toplevel,
      "switch",
      "",
      expect.stringMatching(/^\d+$/),
    ]);
  });

  it("has no delete command, and an update that only repeats the old output", () => {
    for (const name of ["web-install-run", "web-deployment-run"]) {
      const { inputs } = recording.resource(name);
      expect(inputs["delete"]).toBeUndefined();
      expect(inputs["update"]).toBe(`printf '%s\\n' "$PULUMI_COMMAND_STDOUT"`);
      expect(inputs["logging"]).toBe("stderr");
    }
  });

  it("hands secrets over on standard input only", () => {
    for (const name of ["web-install-run", "web-deployment-run"]) {
      const { stdin: _stdin, ...others } = recording.resource(name).inputs;
      expect(JSON.stringify(others)).not.toMatch(/private key/i);
      expect(specOf(recording, name)).toMatchObject({ host: "web", stack: "pulumi-nixos/test", system });
    }
    expect(specOf(recording, "web-install-run")).toMatchObject({
      hostKey: { privateKey: mockedHostKey("web-host-key") },
      connection: { address: "198.51.100.10", user: "root", privateKey: "private key of deploy-key-pair" },
    });
  });

  it("keeps the final host key out of user data", () => {
    const userData = JSON.stringify(recording.resource("web-instance").inputs["userData"]);
    expect(userData).toContain("private key of web-bootstrap-key");
    expect(userData).not.toContain("OPENSSH PRIVATE KEY");
  });
});

describe("Host with other settings", () => {
  it("finds every part under its former name", async () => {
    const recording = await registerHost({ aliases: ["old"] });
    expect(recording.options("web", "Host").aliases).toEqual([{ name: "old" }]);
    for (const { name } of recording.resources.filter(({ name }) => name.startsWith("web-")))
      expect(recording.options(name).aliases, name).toEqual([{ name: name.replace(/^web/, "old") }]);
    expect(specOf(recording, "web-deployment-run")).toMatchObject({ aliases: ["old"] });
  });

  it("leaves everything unprotected where the configuration says so", async () => {
    const recording = await registerHost({ protect: false });
    for (const name of ["web-instance", "web-ipv4", "web-host-key"])
      expect(recording.options(name).protect, name).toBe(false);
  });

  it("has only the addresses that were asked for, and connects to what there is", async () => {
    const recording = await registerHost({ ipv4: false });
    expect(recording.resources.map(({ name }) => name)).not.toContain("web-ipv4");
    expect(recording.resource("web-instance").inputs["publicNets"]).toEqual([
      { ipv4Enabled: false, ipv6Enabled: true, ipv6: expect.any(Number) },
    ]);
    expect(specOf(recording, "web-install-run")).toMatchObject({ connection: { address: "2001:db8:10::1" } });
  });

  it("hands the secrets that it names to its install, and to nothing else", async () => {
    const recording = await registerHost({ diskKeys: { "/tmp/disk.key": "web-disk" } });
    expect(specOf(recording, "web-install-run")["diskKeys"]).toEqual({ "/tmp/disk.key": "open sesame" });
    const others = recording.resources.filter(({ name }) => name !== "web-install-run");
    expect(JSON.stringify(others)).not.toContain("sesame");
    expect(JSON.stringify(recording.resource("web-install-run").inputs).split("sesame")).toHaveLength(2);
  });

  it("passes reinstall token, wipe and goal on", async () => {
    const recording = await registerHost({ reinstall: "again", wipe: "web", goal: "boot" });
    expect(recording.resource("web-install-run").inputs["triggers"]).toEqual([expect.any(String), "again"]);
    expect(specOf(recording, "web-install-run")).toMatchObject({ reinstall: "again", wipe: true });
    expect(recording.resource("web-deployment-run").inputs["triggers"]).toContain("boot");
  });
});
