import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import { type ScalewayCloud, startScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";
import { Client, withId } from "./client.ts";

const networks = "/vpc/v2/regions/fr-par/private-networks";
const addresses = "/ipam/v1/regions/fr-par/ips";
const nics = "/instance/v2alpha1/zones/fr-par-1/private-network-interfaces";

describe("cards of machines in private networks of the emulated Scaleway", () => {
  let machines: MemoryMachineFactory;
  let cloud: ScalewayCloud;
  let client: Client;

  beforeEach(async () => {
    machines = new MemoryMachineFactory();
    cloud = await startScalewayCloud({ machines, actionMs: 5 });
    client = new Client(cloud);
  });
  afterEach(() => cloud.close());

  async function made(path: string, body: object): Promise<string> {
    const answer = await client.call("POST", path, { project_id: cloud.access.projectId, tags: [], ...body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return withId.parse(answer.body).id;
  }

  /** A network with one reserved address, and a card for it. @returns ids of network and card */
  async function joined(server: string, range: string, address: string): Promise<[string, string]> {
    const name = `net-${address}`;
    const network = await made(networks, {
      name,
      subnets: [range],
      default_route_propagation_enabled: false,
    });
    const source = { private_network_id: network };
    const reserved = await made(addresses, { source, is_ipv6: false, address });
    return [
      network,
      await made(nics, { private_network_id: network, server_id: server, ip_ids: [reserved] }),
    ];
  }

  it("are there with the first start, come and go while it runs, with the address that was reserved", async () => {
    const server = await client.newServer();
    const [a, first] = await joined(server, "10.0.4.0/22", "10.0.5.3");
    await client.act(server, "poweron", "running");
    const [machine] = machines.machines.values();
    const card = (network: string, range: string, address: string) => ({
      network: { id: `sn-${network}`, range, gateway: null, mtu: 1500 },
      mac: expect.stringMatching(/^02:00:00:/),
      address,
    });
    expect(machine?.cards).toEqual([card(a, "10.0.4.0/22", "10.0.5.3")]);
    const [b] = await joined(server, "10.9.0.0/24", "10.9.0.7");
    await vi.waitFor(
      () =>
        expect(machine?.cards).toEqual([
          card(a, "10.0.4.0/22", "10.0.5.3"),
          card(b, "10.9.0.0/24", "10.9.0.7"),
        ]),
      { timeout: 10_000 },
    );
    expect((await client.call("DELETE", `${nics}/${first}`)).status).toBe(204);
    expect(machine?.cards).toEqual([card(b, "10.9.0.0/24", "10.9.0.7")]);
  });
});
