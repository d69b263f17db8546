/** The one place where the emulated cloud acts on test machines. */
import type { Machine, MachineSpec } from "../../../machines/contract.ts";
import type { Project } from "../project.ts";
import type { ServerRecord, VolumeRecord } from "../state.ts";
import { ipsOf } from "./ips.ts";
import { cardsOf, nicsOf } from "./private-cards.ts";
import { enabledKeys } from "./ssh-keys.ts";

const mebibytesPerGib = 1024;
const bytesPerGb = 1_000_000_000;
const smallestDiskMiB = 512;
const largestDiskMiB = 2048;
/** A 40 GB disk becomes 1 GiB, sparse. */
const diskMiBPerGb = 25.6;
/** A 10 GB volume becomes 100 MiB. */
const volumeMiBPerGb = 10;
const largestVolumeMiB = 1024;

/** Disk of a test machine in MiB, for a volume of `bytes` in the real cloud. */
function machineDiskMiB(bytes: number): number {
  const wanted = (bytes / bytesPerGb) * diskMiBPerGb;
  return Math.round(Math.min(largestDiskMiB, Math.max(smallestDiskMiB, wanted)));
}

/** Backing file of a further volume in MiB, for `bytes` in the real cloud. */
function machineVolumeMiB(bytes: number): number {
  return Math.min(largestVolumeMiB, (bytes / bytesPerGb) * volumeMiBPerGb);
}

/** Name of a volume in a server's `/dev/disk/by-id` (scaleway-csi, `pkg/driver/diskutils.go`). */
function volumeDevice(volumeId: string): string {
  return `scsi-0SCW_sbs_volume-${volumeId}`;
}

/** Modified EUI-64 of a server in its /64 (RFC 4291, appendix A), as SLAAC gives it: `2001:db8:1:1:dc00:ff:fe01:203`. */
export function slaacAddress(network: string, mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  const prefix = network.slice(0, network.indexOf("::"));
  return `${prefix}:${groups.map((group) => group.toString(16)).join(":")}`;
}

function addressesOf(project: Project, server: ServerRecord): { ipv4: string | null; ipv6: string | null } {
  const ips = ipsOf(project, server);
  const network = ips.find(({ type }) => type === "routed_ipv6")?.ip;
  return {
    ipv4: ips.find(({ type }) => type === "routed_ipv4")?.ip ?? null,
    ipv6: network === undefined ? null : slaacAddress(network, server.mac),
  };
}

function specOf(project: Project, server: ServerRecord): MachineSpec {
  return {
    // Interfaces and namespaces are named after it, and their names are short.
    id: `sc-${server.id.slice(0, 8)}`,
    hostname: server.name,
    ...addressesOf(project, server),
    memoryMiB: server.type.memory * mebibytesPerGib,
    diskMiB: machineDiskMiB(project.get("volumes", server.zone, server.rootVolume).size),
    image: server.image.machineImage,
    userData: server.userData.get("cloud-init") ?? null,
    authorizedKeys: enabledKeys(project),
    bootDelayMs: project.options.bootDelayMs,
  };
}

/** Boots the server; its first start makes the machine, with the volumes attached until then. */
export async function powerOn(project: Project, server: ServerRecord): Promise<void> {
  if (server.machine !== null) {
    await server.machine.powerOn();
    return;
  }
  server.machine = await project.options.machines.create(specOf(project, server));
  if (nicsOf(project, server).length > 0) await applyNics(project, server);
  for (const id of server.volumes) await attachToMachine(server, project.get("volumes", server.zone, id));
}

/** Does something with the machine, if the server has ever been started. */
export async function withMachine(
  server: ServerRecord,
  act: (machine: Machine) => Promise<unknown>,
): Promise<void> {
  if (server.machine !== null) await act(server.machine);
}

export async function attachToMachine(server: ServerRecord, volume: VolumeRecord): Promise<void> {
  await withMachine(server, (machine) =>
    machine.attachVolume(volume.id, machineVolumeMiB(volume.size), volumeDevice(volume.id)),
  );
}

export async function detachFromMachine(server: ServerRecord, volume: VolumeRecord): Promise<void> {
  await withMachine(server, (machine) => machine.detachVolume(volume.id));
}

/** Gives the machine the addresses its server has now. */
export async function applyAddresses(project: Project, server: ServerRecord): Promise<void> {
  const { ipv4, ipv6 } = addressesOf(project, server);
  await withMachine(server, (machine) => machine.setAddresses(ipv4, ipv6));
}

/** Gives the machine the cards in private networks that its server has now. */
export async function applyNics(project: Project, server: ServerRecord): Promise<void> {
  await withMachine(server, (machine) => machine.setPrivateCards(cardsOf(project, server)));
}
