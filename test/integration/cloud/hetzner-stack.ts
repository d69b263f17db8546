/** A Pulumi stack of the real engine and the real hcloud provider against an emulated Hetzner Cloud. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { HetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";

/** What the tests vary. */
export interface Shape {
  readonly serverType: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deleteProtection: boolean;
  readonly name: string;
}

export const baseShape: Shape = {
  serverType: "cx23",
  image: "debian-12",
  labels: { role: "web" },
  deleteProtection: false,
  name: "web",
};

/** Tokens have 64 characters: the provider checks it. */
export const token = "integration".padEnd(64, "0");

export const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGVYt0Zvu7vJ4VNMv8i0Q8ZvJpHY2hEJ6YpWOqgJqcU test@example.org";

function provider(endpoint: string): hcloud.Provider {
  return new hcloud.Provider("cloud", { endpoint, token });
}

/** Only a server, for faults: one resource whose requests are easy to tell apart. */
export function serverProgram(shape: Shape, endpoint: string): pulumi.automation.PulumiFn {
  return async () => {
    const server = new hcloud.Server(
      "server",
      {
        name: shape.name,
        serverType: shape.serverType,
        image: shape.image,
        location: "fsn1",
        labels: { ...shape.labels },
      },
      { provider: provider(endpoint) },
    );
    return { id: server.id };
  };
}

function addresses(shape: Shape, opts: Options): [hcloud.PrimaryIp, hcloud.PrimaryIp] {
  const [ipv4, ipv6] = (["ipv4", "ipv6"] as const).map(
    (type) =>
      new hcloud.PrimaryIp(
        type,
        { name: `${shape.name}-${type}`, type, location: "fsn1", assigneeType: "server", autoDelete: false },
        opts,
      ),
  );
  if (ipv4 === undefined || ipv6 === undefined) {
    throw new Error("two addresses expected");
  }
  return [ipv4, ipv6];
}

type Options = pulumi.CustomResourceOptions;

function number(id: pulumi.Output<string>): pulumi.Output<number> {
  return id.apply(Number);
}

interface Surroundings {
  readonly key: hcloud.SshKey;
  readonly subnet: hcloud.NetworkSubnet;
  readonly firewall: hcloud.Firewall;
  readonly group: hcloud.PlacementGroup;
  readonly volume: hcloud.Volume;
}

/** What a server is put into. */
function surroundings(opts: Options): Surroundings {
  const network = new hcloud.Network("network", { name: "net", ipRange: "10.0.0.0/16" }, opts);
  const everywhere = ["0.0.0.0/0", "::/0"];
  return {
    key: new hcloud.SshKey("key", { name: "deploy", publicKey }, opts),
    subnet: new hcloud.NetworkSubnet(
      "subnet",
      { networkId: number(network.id), type: "cloud", networkZone: "eu-central", ipRange: "10.0.1.0/24" },
      opts,
    ),
    firewall: new hcloud.Firewall(
      "firewall",
      {
        name: "ssh",
        rules: [
          { direction: "in", protocol: "tcp", port: "22", sourceIps: everywhere, description: "SSH" },
          { direction: "in", protocol: "icmp", sourceIps: everywhere },
        ],
      },
      opts,
    ),
    group: new hcloud.PlacementGroup("group", { name: "spread", type: "spread" }, opts),
    volume: new hcloud.Volume("volume", { name: "data", size: 10, location: "fsn1", format: "ext4" }, opts),
  };
}

function fullServer(
  shape: Shape,
  around: Surroundings,
  [ipv4, ipv6]: readonly [hcloud.PrimaryIp, hcloud.PrimaryIp],
  opts: Options,
): hcloud.Server {
  const { name, serverType, image, labels, deleteProtection } = shape;
  return new hcloud.Server(
    "server",
    {
      name,
      serverType,
      image,
      location: "fsn1",
      labels: { ...labels },
      userData: "#cloud-config\n",
      sshKeys: [around.key.id],
      firewallIds: [number(around.firewall.id)],
      placementGroupId: number(around.group.id),
      publicNets: [{ ipv4Enabled: true, ipv4: number(ipv4.id), ipv6Enabled: true, ipv6: number(ipv6.id) }],
      backups: true,
      keepDisk: true,
      deleteProtection,
      rebuildProtection: deleteProtection,
    },
    opts,
  );
}

/** Everything a host of ours may consist of. */
export function fullProgram(shape: Shape, endpoint: string): pulumi.automation.PulumiFn {
  return async () => {
    const opts = { provider: provider(endpoint) };
    const around = surroundings(opts);
    const [ipv4, ipv6] = addresses(shape, opts);
    const server = fullServer(shape, around, [ipv4, ipv6], opts);
    const attachment = new hcloud.ServerNetwork(
      "attachment",
      { serverId: number(server.id), subnetId: around.subnet.id, ip: "10.0.1.5" },
      opts,
    );
    const volumeAttachment = new hcloud.VolumeAttachment(
      "volume-attachment",
      { serverId: number(server.id), volumeId: number(around.volume.id), automount: false },
      // Actions on one server are serialised: a locked server answers 423, which not every step retries.
      { ...opts, dependsOn: [attachment] },
    );
    const pointer = new hcloud.Rdns(
      "rdns",
      { primaryIpId: number(ipv4.id), ipAddress: ipv4.ipAddress, dnsPtr: "web.example.org" },
      { ...opts, dependsOn: [volumeAttachment] },
    );
    return {
      id: server.id,
      status: server.status,
      ipv4: server.ipv4Address,
      ipv6: server.ipv6Address,
      primaryIpv4: ipv4.ipAddress,
      privateIp: attachment.ip,
      device: around.volume.linuxDevice,
      dnsPtr: pointer.dnsPtr,
    };
  };
}

/** A stack in a file backend of its own. */
export interface TestStack {
  /** The stack with this program; the same state each time. */
  with(program: pulumi.automation.PulumiFn): Promise<Stack>;
  /** Removes its folder, not its resources. */
  close(): Promise<void>;
}

export async function openStack(project: string): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), "hetzner-stack-"));
  const envVars = { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "test" };
  return {
    with: (program) =>
      LocalWorkspace.createOrSelectStack(
        { projectName: project, stackName: "test", program },
        { workDir: folder, envVars },
      ),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `METHOD path -> status` of every request so far. */
export function requests(cloud: HetznerCloud): string[] {
  return cloud.journal.entries().map(({ method, path, status }) => `${method} ${path} -> ${status}`);
}
