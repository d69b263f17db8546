import type { Network, NetworkInterface } from "../machine/network.ts";

/** What becomes of a machine's network when the installer takes its place. */
export interface NetworkAfterKexec {
  /** The installer would not be reachable. */
  readonly errors: readonly string[];
  /** It may be. */
  readonly warnings: readonly string[];
}

/** From this version on, systemd-networkd reports its whole configuration, which nixos-images then carries over unchanged. */
const tellingNetworkd = 257;

const remedy =
  "give the machine a kexec tarball of your own with its network (kexec: <path>), or boot the installer by another way";

/**
 * Whether the installer will be reached where the machine is now. nixos-images (`nix/kexec-installer/restore_routes.py`) asks
 * for addresses by DHCP and router advertisements on every interface, and restores by hardware address what was set by hand:
 * addresses, routes with their gateways, on-link ones included. Interfaces made by software, addresses of the loopback interface,
 * routes with several next hops, and addresses a system made up for itself are not carried over.
 */
export function predictNetworkAfterKexec(network: Network | null): NetworkAfterKexec {
  if (network === null)
    return warning(
      "the machine cannot report its network (no iproute2 with JSON): the installer may be unreachable",
    );
  const { contact, interfaces } = network;
  if (contact === null) return { errors: [], warnings: [] };
  const through = interfaces.find(({ addresses }) => addresses.some(({ address }) => address === contact));
  // Addresses are translated, or sshd has a network namespace of its own: nothing can be said.
  if (through === undefined)
    return warning(`no interface has the address ${contact}: whether the installer is reachable will show`);
  const error = interfaceError(network, through, contact) ?? routeError(network, contact);
  if (error !== undefined) return { errors: [`${error}: ${remedy}`], warnings: [] };
  if (through.kind === null || carriesOver(network)) return { errors: [], warnings: [] };
  return warning(
    `the installer will have the address of ${through.name} (${through.kind}) on one of its ports: a switch may object`,
  );
}

function warning(text: string): NetworkAfterKexec {
  return { errors: [], warnings: [text] };
}

function carriesOver({ networkd }: Network): boolean {
  return networkd !== null && networkd >= tellingNetworkd;
}

function interfaceError(network: Network, through: NetworkInterface, contact: string): string | undefined {
  const { name, kind, loopback, hardwareAddress } = through;
  if (loopback)
    return `the address ${contact} is one of the loopback interface, which the installer does not get`;
  if (carriesOver(network)) return undefined;
  if (hardwareAddress === null)
    return `the machine is reached through ${name}, which has no hardware address to be known by`;
  if (kind !== null && !fallsOnPort(network, through))
    return `the machine is reached through ${name} (${kind}), which the installer does not have`;
  const own = through.addresses.find(({ address }) => address === contact);
  if (own?.ofThisSystem === true)
    return `the machine made up its address ${contact} itself, and the installer would make up another one`;
  return undefined;
}

/** Bridges and bonds have the hardware address of a port, which then gets what was theirs: the first file that matches holds. */
function fallsOnPort({ interfaces }: Network, { name, kind, hardwareAddress }: NetworkInterface): boolean {
  if (kind !== "bridge" && kind !== "bond") return false;
  return interfaces.some(
    (port) => port.kind === null && port.hardwareAddress === hardwareAddress && name < port.name,
  );
}

function routeError(network: Network, contact: string): string | undefined {
  if (carriesOver(network)) return undefined;
  const family = contact.includes(":") ? "inet6" : "inet";
  const own = network.defaults.filter((route) => route.family === family);
  if (own.length === 0 || own.some(({ device }) => device !== null)) return undefined;
  return "the default route has several next hops, which the installer does not get";
}

/** Whether the machine reaches the world by IPv6 alone. False where that is unknown. */
export function isIpv6Only(network: Network | null): boolean {
  if (network === null) return false;
  const families = new Set(network.defaults.map(({ family }) => family));
  return families.has("inet6") && !families.has("inet");
}
