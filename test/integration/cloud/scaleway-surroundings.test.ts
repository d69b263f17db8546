/** What surrounds an instance, on the real engine with the real Scaleway provider; each step goes on where the last ended. */
import * as scaleway from "@pulumiverse/scaleway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryMachineFactory } from "../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { openStack, type TestStack } from "./hetzner-stack.ts";
import { provider, requests, userData, zone } from "./scaleway-stack.ts";
import { watchRequests } from "./watched.ts";

const machines = new MemoryMachineFactory({ bootMs: 50 });
let cloud: ScalewayCloud;
let stack: TestStack;

interface Surroundings {
  readonly image: string;
  readonly reverse: string;
  /** GB. */
  readonly size: number;
  readonly address: string;
  readonly grouped: boolean;
  /** GB. */
  readonly disk: number;
}

const base: Surroundings = {
  image: "debian_bookworm",
  reverse: "db.example.org",
  size: 10,
  address: "10.0.1.3",
  grouped: true,
  disk: 20,
};

/** An instance, and everything around it that outlives it. */
function program({ image, reverse, size, address, grouped, disk }: Surroundings) {
  return async () => {
    const opts = { provider: provider(cloud.access) };
    const group = new scaleway.instance.PlacementGroup("group", { name: "databases", zone }, opts);
    const network = new scaleway.network.PrivateNetwork(
      "network",
      { name: "internal", region: "nl-ams", ipv4Subnet: { subnet: "10.0.1.0/24" } },
      opts,
    );
    const reserved = new scaleway.ipam.Ip(
      "address",
      { address, region: "nl-ams", sources: [{ privateNetworkId: network.id }] },
      opts,
    );
    const volume = new scaleway.block.Volume(
      "volume",
      { name: "data", iops: 5000, sizeInGb: size, zone },
      opts,
    );
    const ipv4 = new scaleway.instance.Ip("ipv4", { type: "routed_ipv4", zone }, opts);
    const server = new scaleway.instance.Server(
      "server",
      {
        name: "db",
        type: "DEV1-S",
        image,
        zone,
        state: "started",
        ipIds: [ipv4.id],
        rootVolume: { volumeType: "sbs_volume", sizeInGb: disk, deleteOnTermination: true },
        ...(grouped ? { placementGroupId: group.id } : {}),
        userData: { "cloud-init": userData },
      },
      { ...opts, deleteBeforeReplace: true, ignoreChanges: ["additionalVolumeIds"] },
    );
    new scaleway.instance.PrivateNic(
      "nic",
      { serverId: server.id, privateNetworkId: network.id, ipamIpIds: [reserved.id], zone },
      opts,
    );
    new scaleway.instance.IpReverseDns("reverse", { ipId: ipv4.id, reverse, zone }, opts);
    return { server: server.id, volume: volume.id, address: reserved.address };
  };
}

function use(change: Partial<Surroundings> = {}): ReturnType<TestStack["with"]> {
  return stack.with(program({ ...base, ...change }));
}

/** Changes of the infrastructure: neither reads nor polls. */
function changes(): string[] {
  return requests(cloud).filter((request) => !request.startsWith("GET"));
}

function idOf(kind: "servers" | "volumes", name: string): string {
  const found = cloud.inventory().find((item) => item.kind === kind && item.name === name);
  if (found === undefined) throw new Error(`the cloud has no ${kind} named ${name}`);
  return found.id;
}

/** Attaches or detaches the data volume as the API's own clients do. */
async function volume(action: "attach" | "detach"): Promise<void> {
  const { apiUrl, secretKey } = cloud.access;
  const path = `/instance/v1/zones/${zone}/servers/${idOf("servers", "db")}/${action}-volume`;
  const response = await fetch(`${apiUrl}${path}`, {
    method: "POST",
    headers: { "x-auth-token": secretKey, "content-type": "application/json" },
    body: JSON.stringify({
      volume_id: idOf("volumes", "data"),
      ...(action === "attach" ? { volume_type: "sbs_volume" } : {}),
    }),
  });
  expect(response.status, await response.text()).toBe(200);
}

function attached(): string[] {
  return [...machines.machines.values()].flatMap((machine) => [...machine.volumes.keys()]);
}

beforeAll(async () => {
  cloud = await startScalewayCloud({ machines });
  cloud.names.set("db.example.org", "198.51.100.20");
  cloud.names.set("db2.example.org", "198.51.100.20");
  stack = await openStack("scaleway-surroundings");
});

afterAll(async () => {
  await cloud.close();
  await machines.close();
  await stack.close();
});

watchRequests(() => cloud);

describe("what surrounds an instance at Scaleway", () => {
  it("is created with it", async () => {
    const { summary, outputs } = await (await use()).up();
    expect(summary.resourceChanges).toEqual({ create: 10 });
    expect(outputs).toMatchObject({ address: { value: "10.0.1.3" } });
    expect(cloud.inventory().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "servers db",
      "ips ",
      expect.stringMatching(/^volumes /),
      expect.stringMatching(/^volumes /),
      "placement_groups databases",
      "private_networks internal",
      "reserved_addresses 10.0.1.3",
      "private_nics ",
    ]);
  });

  it("shows nothing to do in a second up and in a refresh, with a volume attached meanwhile", async () => {
    await volume("attach");
    cloud.journal.clear();
    const { summary } = await (await use()).up();
    expect([summary.resourceChanges, requests(cloud)]).toEqual([{ same: 10 }, []]);
    await (await use()).refresh();
    expect(changes()).toEqual([]);
    expect((await (await use()).up()).summary.resourceChanges).toEqual({ same: 10 });
    expect(attached()).toEqual([idOf("volumes", "data")]);
  });

  it("changes in place: a reverse name, a volume's size, leaving the placement group", async () => {
    const { summary } = await (await use({ reverse: "db2.example.org", size: 20 })).up();
    expect(summary.resourceChanges).toEqual({ same: 8, update: 2 });
    expect(changes().sort()).toEqual([
      "PATCH /block/v1/volumes/ID -> 200",
      "PATCH /instance/v1/ips/ID -> 200",
    ]);
    const left = await (await use({ reverse: "db2.example.org", size: 20, grouped: false })).up();
    expect(left.summary.resourceChanges).toEqual({ same: 9, update: 1 });
    expect(attached()).toEqual([idOf("volumes", "data")]);
  });

  it("keeps a volume that a refresh has seen at the instance while the disk grows", async () => {
    const shape = { reverse: "db2.example.org", size: 20, grouped: false, disk: 30 };
    await (await use(shape)).refresh();
    const { summary } = await (await use(shape)).up();
    expect(summary.resourceChanges).toEqual({ same: 9, update: 1 });
    expect(attached()).toEqual([idOf("volumes", "data")]);
  });

  it("keeps address and volume while the instance is replaced", async () => {
    await volume("detach");
    const before = [idOf("servers", "db"), idOf("volumes", "data")];
    const shape = { reverse: "db2.example.org", size: 20, grouped: false, disk: 30, image: "ubuntu_noble" };
    const { summary } = await (await use(shape)).up();
    expect(summary.resourceChanges).toEqual({ same: 8, replace: 2 });
    expect(idOf("servers", "db")).not.toBe(before[0]);
    expect(attached()).toEqual([]);
    expect(idOf("volumes", "data")).toBe(before[1]);
  });

  it("is destroyed without a trace", async () => {
    await (await use()).destroy();
    expect(cloud.inventory()).toEqual([]);
  });
});
