/** A Pulumi program of the real Scaleway provider against an emulated Scaleway. */
import type * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { ScalewayAccess, ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { publicKey } from "./hetzner-stack.ts";

/** What the tests vary. */
export interface Shape {
  readonly type: string;
  readonly image: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  readonly ports: readonly number[];
}

export const baseShape: Shape = {
  type: "DEV1-S",
  image: "debian_bookworm",
  tags: ["role=web"],
  protected: false,
  ports: [22, 80],
};

export const userData = "#cloud-config\n";
export const zone = "nl-ams-1";

type Options = pulumi.CustomResourceOptions;

export function provider({ projectId, ...access }: ScalewayAccess): scaleway.Provider {
  return new scaleway.Provider("cloud", { ...access, projectId, organizationId: projectId });
}

/** Only a server, for faults: one resource whose requests are easy to tell apart. */
export function serverProgram(shape: Shape, access: ScalewayAccess): pulumi.automation.PulumiFn {
  return async () => {
    const { type, image } = shape;
    const args = { name: "web", type, image, zone, state: "started", userData: { "cloud-init": userData } };
    return { id: new scaleway.instance.Server("server", args, { provider: provider(access) }).id };
  };
}

function securityGroup(shape: Shape, opts: Options): scaleway.instance.SecurityGroup {
  const ranges = ["0.0.0.0/0", "::/0"];
  return new scaleway.instance.SecurityGroup(
    "group",
    {
      name: "web",
      zone,
      stateful: true,
      inboundDefaultPolicy: "drop",
      outboundDefaultPolicy: "accept",
      inboundRules: [
        ...shape.ports.flatMap((port) =>
          ranges.map((ipRange) => ({ action: "accept", protocol: "TCP", port, ipRange })),
        ),
        ...ranges.map((ipRange) => ({ action: "accept", protocol: "UDP", portRange: "5000-5010", ipRange })),
        ...ranges.map((ipRange) => ({ action: "accept", protocol: "ICMP", ipRange })),
      ],
    },
    opts,
  );
}

/** Everything a host of ours consists of. */
export function fullProgram(shape: Shape, access: ScalewayAccess): pulumi.automation.PulumiFn {
  return async () => {
    const opts = { provider: provider(access) };
    const key = new scaleway.iam.SshKey("key", { name: "deploy", publicKey }, opts);
    const group = securityGroup(shape, opts);
    const ipv4 = new scaleway.instance.Ip("ipv4", { type: "routed_ipv4", zone }, opts);
    const ipv6 = new scaleway.instance.Ip("ipv6", { type: "routed_ipv6", zone }, opts);
    const server = new scaleway.instance.Server(
      "server",
      {
        name: "web",
        type: shape.type,
        image: shape.image,
        zone,
        tags: [...shape.tags],
        protected: shape.protected,
        state: "started",
        ipIds: [ipv4.id, ipv6.id],
        securityGroupId: group.id,
        rootVolume: { volumeType: "sbs_volume", sizeInGb: 20, deleteOnTermination: true },
        userData: { "cloud-init": userData },
      },
      { ...opts, dependsOn: [key], deleteBeforeReplace: true },
    );
    return { id: server.id, state: server.state, ipv4: ipv4.address, publicIps: server.publicIps };
  };
}

/** `METHOD path -> status` of every request so far, without ids. */
export function requests(cloud: ScalewayCloud): string[] {
  return cloud.journal
    .entries()
    .map(({ method, path, status }) => `${method} ${path} -> ${status}`)
    .map((request) => request.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(`zones/${zone}/`, ""));
}
