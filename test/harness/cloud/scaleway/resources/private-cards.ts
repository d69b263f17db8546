/** What servers in private networks have, and how their machines see it. */
import type { PrivateCard } from "../../../machines/contract.ts";
import type { Project } from "../project.ts";
import type { PrivateNicRecord, ServerRecord } from "../state.ts";

/** Bytes. */
const privateMtu = 1500;

export function nicsOf(project: Project, server: ServerRecord): PrivateNicRecord[] {
  return [...project.state.private_nics.values()].filter((nic) => nic.server === server.id);
}

/** Addresses of a subnet on one link. A card's further addresses are its owner's business: DHCP gives the first. */
export function cardsOf(project: Project, server: ServerRecord): PrivateCard[] {
  return nicsOf(project, server).map((nic) => {
    const reserved = [...project.state.reserved_addresses.values()];
    const address = reserved.find(({ id }) => id === nic.addresses[0]);
    const network = project.state.private_networks.get(nic.network);
    if (address === undefined || network === undefined)
      throw new Error(`network card ${nic.id} has lost its network or its address`);
    return {
      network: { id: `sn-${network.id}`, range: network.ipv4.range, gateway: null, mtu: privateMtu },
      mac: nic.mac,
      address: address.name,
    };
  });
}
