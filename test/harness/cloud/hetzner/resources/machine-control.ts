/** The one place where the emulated cloud acts on test machines. */
import type { Machine, MachineSpec, PrivateCard } from "../../../machines/contract.ts";
import { firstIpv6 } from "../ip.ts";
import type { Project } from "../project.ts";
import type { ServerRecord, VolumeRecord } from "../state.ts";
import { addressOf } from "./address-book.ts";
import { networkGateway } from "./network-ranges.ts";

const smallestDiskMiB = 512;
const largestDiskMiB = 2048;
/** A 40 GB disk becomes 1 GiB, sparse: enough for a small system, little enough for many machines. */
const diskMiBPerGb = 25.6;
/** A 10 GB volume becomes 100 MiB. */
const volumeMiBPerGb = 10;
const largestVolumeMiB = 1024;
const mebibytesPerGb = 1024;
/** Bytes (https://docs.hetzner.com/networking/networks/faq/). */
const privateMtu = 1450;

/** Disk of a test machine in MiB, for a disk of `gigabytes` in the real cloud. */
function machineDiskMiB(gigabytes: number): number {
  return Math.round(Math.min(largestDiskMiB, Math.max(smallestDiskMiB, gigabytes * diskMiBPerGb)));
}

/** Backing file of a volume in MiB, for `gigabytes` in the real cloud. */
function machineVolumeMiB(gigabytes: number): number {
  return Math.min(largestVolumeMiB, gigabytes * volumeMiBPerGb);
}

function addressesOf(project: Project, server: ServerRecord): { ipv4: string | null; ipv6: string | null } {
  const network = addressOf(project, server, "ipv6");
  return {
    ipv4: addressOf(project, server, "ipv4")?.ip ?? null,
    ipv6: network === undefined ? null : firstIpv6(network.ip),
  };
}

/** A single address each, and a router for all of the network's range. */
function cardsOf(project: Project, server: ServerRecord): PrivateCard[] {
  return server.privateNets.map(({ network: id, mac, ip }) => {
    const { ipRange } = project.get("networks", id);
    const network = { id: `hn-${id}`, range: ipRange, gateway: networkGateway(ipRange), mtu: privateMtu };
    return { network, mac, address: ip };
  });
}

function specOf(project: Project, server: ServerRecord): MachineSpec {
  return {
    id: `hc-${server.id}`,
    hostname: server.name,
    ...addressesOf(project, server),
    memoryMiB: server.type.memory * mebibytesPerGb,
    diskMiB: machineDiskMiB(server.primaryDiskSize),
    image: server.image.name,
    userData: server.userData,
    authorizedKeys: server.authorizedKeys,
    bootDelayMs: project.options.bootDelayMs,
  };
}

export function isRunning(server: ServerRecord): boolean {
  return server.machine?.powerState() === "running";
}

/** Boots the server; its first start makes the machine, with the volumes attached until then. */
export async function powerOn(project: Project, server: ServerRecord): Promise<void> {
  if (server.machine !== null) {
    await server.machine.powerOn();
    return;
  }
  const machine = await project.machines.create(specOf(project, server));
  server.machine = machine;
  if (server.privateNets.length > 0) await applyPrivateNets(project, server);
  for (const volume of project.state.volumes.values()) {
    if (volume.server === server.id) {
      await machine.attachVolume(String(volume.id), machineVolumeMiB(volume.size));
    }
  }
}

/** Does something with the machine, if the server has ever been started. */
export async function withMachine(
  server: ServerRecord,
  act: (machine: Machine) => Promise<unknown>,
): Promise<void> {
  if (server.machine !== null) {
    await act(server.machine);
  }
}

/** Gives the machine the addresses its server has now. */
export async function applyAddresses(project: Project, server: ServerRecord): Promise<void> {
  const { ipv4, ipv6 } = addressesOf(project, server);
  await withMachine(server, (machine) => machine.setAddresses(ipv4, ipv6));
}

export async function attachToMachine(server: ServerRecord, volume: VolumeRecord): Promise<void> {
  await withMachine(server, (machine) =>
    machine.attachVolume(String(volume.id), machineVolumeMiB(volume.size)),
  );
}

export async function detachFromMachine(server: ServerRecord, volume: VolumeRecord): Promise<void> {
  await withMachine(server, (machine) => machine.detachVolume(String(volume.id)));
}

/** Gives the machine the cards in private networks that its server has now. */
export async function applyPrivateNets(project: Project, server: ServerRecord): Promise<void> {
  await withMachine(server, (machine) => machine.setPrivateCards(cardsOf(project, server)));
}
