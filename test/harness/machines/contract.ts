/** Contract between the emulated clouds (which own ids, addresses and billing) and the test machines (which run). */

/** What a cloud asks for when it creates a server. */
export interface MachineSpec {
  /** Unique within one world: becomes part of folder, namespace and interface names. `[a-z0-9-]{1,32}`. */
  readonly id: string;
  readonly hostname: string;
  /** Address in 198.51.100.0/24, without prefix; null for IPv6-only. */
  readonly ipv4: string | null;
  /** First address of the server's /64 in 2001:db8::/32, without prefix; null for IPv4-only. */
  readonly ipv6: string | null;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  /** Stock image, such as `debian-12` or `ubuntu-24.04`. */
  readonly image: string;
  /** cloud-init user data (`#cloud-config` YAML), or null. */
  readonly userData: string | null;
  /** Public keys the cloud puts into root's authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** Firmware delay of a (re)boot in milliseconds. */
  readonly bootDelayMs: number;
}

export type PowerState = "running" | "off";

/** A private network of a cloud: a wire of its own, that nothing but cards of machines hangs on, with a DHCP server. */
export interface PrivateNetwork {
  /** Unique within one world. */
  readonly id: string;
  /** IPv4 addresses that are reached through it, with prefix length. */
  readonly range: string;
  /** Router that all packets go to, those for neighbours as well; null: neighbours are on one link, and `range` is its subnet. */
  readonly gateway: string | null;
  /** Bytes. */
  readonly mtu: number;
}

/** A network card in a private network. */
export interface PrivateCard {
  readonly network: PrivateNetwork;
  readonly mac: string;
  /** IPv4 address that the network's DHCP server gives it, without prefix. */
  readonly address: string;
}

/** One running (or switched-off) machine. Every method is safe to call again. */
export interface Machine {
  readonly id: string;
  powerState(): PowerState;
  powerOn(): Promise<void>;
  /** Pulls the plug. */
  powerOff(): Promise<void>;
  /** ACPI signal: the system may shut down cleanly; pulls the plug after its grace time. */
  shutdown(): Promise<void>;
  /**
   * The next boot is one into the cloud's rescue system, unless it comes after `until`; the boots after it start from the disk.
   *
   * @param keys public keys that may log in there as root
   */
  armRescue(keys: readonly string[], until: Date): Promise<void>;
  disarmRescue(): Promise<void>;
  /** The next boot, if it came now, would be one into the rescue system. */
  rescueArmed(): boolean;
  /** Hard reset: new boot id. */
  reset(): Promise<void>;
  /** Replaces the disk by a fresh stock image and boots it. */
  rebuild(image: string, userData: string | null): Promise<void>;
  /** Replaces the machine's addresses; takes effect at once. */
  setAddresses(ipv4: string | null, ipv6: string | null): Promise<void>;
  /** Its cards in private networks, one a network; plugs and unplugs them while it runs as well. They are `eth1` and so on, in this order. */
  setPrivateCards(cards: readonly PrivateCard[]): Promise<void>;
  /**
   * @param deviceName in `/dev/disk/by-id`; absent: `scsi-0HC_Volume_<volumeId>`, as Hetzner names a volume
   * @returns the volume's link in the machine
   */
  attachVolume(volumeId: string, sizeMiB: number, deviceName?: string): Promise<string>;
  detachVolume(volumeId: string): Promise<void>;
  /** Stops it and removes every trace: processes, namespaces, mounts, loop devices, files. */
  destroy(): Promise<void>;
}

/** Makes machines inside the current world. */
export interface MachineFactory {
  create(spec: MachineSpec): Promise<Machine>;
  /** Removes a volume's backing file. */
  destroyVolume(volumeId: string): Promise<void>;
  /** Stops and removes everything this factory made. */
  close(): Promise<void>;
}
