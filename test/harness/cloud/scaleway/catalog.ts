/** What Scaleway sells: zones, types and stock images (as the real API listed them in July 2026, a small part). */

/** Zones of Scaleway's Instances. */
export const zones = [
  "fr-par-1",
  "fr-par-2",
  "fr-par-3",
  "it-mil-1",
  "nl-ams-1",
  "nl-ams-2",
  "nl-ams-3",
  "pl-waw-1",
  "pl-waw-2",
  "pl-waw-3",
] as const;

/** `fr-par-1` → `fr-par` */
export function regionOfZone(zone: string): string {
  return zone.slice(0, zone.lastIndexOf("-"));
}

export const regions: readonly string[] = [...new Set(zones.map(regionOfZone))];

type Architecture = "x86_64" | "arm64";

export interface ServerType {
  readonly name: string;
  readonly arch: Architecture;
  readonly cpus: number;
  /** GiB. */
  readonly memory: number;
  /** Euro an hour. */
  readonly price: number;
}

export const serverTypes: readonly ServerType[] = [
  { name: "DEV1-S", arch: "x86_64", cpus: 2, memory: 2, price: 0.008976 },
  { name: "DEV1-M", arch: "x86_64", cpus: 3, memory: 4, price: 0.020196 },
  { name: "DEV1-L", arch: "x86_64", cpus: 4, memory: 8, price: 0.042936 },
  { name: "PLAY2-PICO", arch: "x86_64", cpus: 1, memory: 2, price: 0.01428 },
  { name: "PLAY2-NANO", arch: "x86_64", cpus: 2, memory: 4, price: 0.02754 },
  { name: "PRO2-XXS", arch: "x86_64", cpus: 2, memory: 8, price: 0.0561 },
  { name: "BASIC2-A2C-4G", arch: "arm64", cpus: 2, memory: 4, price: 0.023 },
];

const bytesPerGib = 1024 ** 3;
const hoursPerMonth = 730;
const bandwidth = 200_000_000;

/** A type as `/products/servers` shows it. */
export function serverTypeView(type: ServerType): object {
  const noLocalDisk = { min_size: 0, max_size: 0 };
  return {
    alt_names: [],
    arch: type.arch,
    ncpus: type.cpus,
    ram: type.memory * bytesPerGib,
    gpu: 0,
    gpu_info: null,
    mig_profile: null,
    volumes_constraint: noLocalDisk,
    per_volume_constraint: { l_ssd: noLocalDisk },
    scratch_storage_max_size: 0,
    scratch_storage_max_volumes_count: 0,
    monthly_price: type.price * hoursPerMonth,
    hourly_price: type.price,
    capabilities: {
      boot_types: ["local", "rescue"],
      placement_groups: true,
      block_storage: true,
      hot_snapshots_local_volume: false,
      private_network: 8,
      max_file_systems: 0,
    },
    network: {
      ipv6_support: true,
      sum_internal_bandwidth: bandwidth,
      sum_internet_bandwidth: bandwidth,
      interfaces: [{ internal_bandwidth: bandwidth, internet_bandwidth: bandwidth }],
    },
    block_bandwidth: 104_857_600,
    end_of_service: false,
  };
}

/** A stock image for block storage; each zone and architecture has an id of its own. */
export interface Image {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  readonly arch: Architecture;
  readonly zone: string;
  /** Name under which test machines boot it. */
  readonly machineImage: string;
}

const releases = [
  { label: "debian_bookworm", title: "Debian Bookworm", machineImage: "debian-12" },
  { label: "debian_trixie", title: "Debian Trixie", machineImage: "debian-13" },
  { label: "ubuntu_jammy", title: "Ubuntu 22.04 Jammy Jellyfish", machineImage: "ubuntu-22.04" },
  { label: "ubuntu_noble", title: "Ubuntu 24.04 Noble Numbat", machineImage: "ubuntu-24.04" },
] as const;

/** Ids look like the real ones and are the same in every run. */
function imageId(zone: number, release: number, arch: number): string {
  const digits = [zone, release, arch].map((part) => part.toString(16).padStart(4, "0")).join("");
  return `1ab5e100-0000-4000-8000-${digits}`;
}

export const images: readonly Image[] = zones.flatMap((zone, zoneIndex) =>
  releases.flatMap((release, releaseIndex) =>
    (["x86_64", "arm64"] as const).map((arch, archIndex) => ({
      id: imageId(zoneIndex, releaseIndex, archIndex),
      arch,
      zone,
      ...release,
    })),
  ),
);

/** An image as the marketplace lists it. */
export function localImageView(image: Image): object {
  const compatible = serverTypes.filter(({ arch }) => arch === image.arch).map(({ name }) => name);
  const { id, arch, zone, label } = image;
  return { id, arch, zone, compatible_commercial_types: compatible, label, type: "instance_sbs" };
}
