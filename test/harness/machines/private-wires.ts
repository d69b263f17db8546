import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { PrivateCard, PrivateNetwork } from "./contract.ts";
import { DhcpServer } from "./dhcp-server.ts";
import type { MachineRoot } from "./machine-root.ts";
import { must } from "./must.ts";
import { namespaceExists } from "./network.ts";
import { Serial } from "./serial.ts";

/** Of the DHCP server where the network has no router; not in anybody's range (RFC 3927). */
const serverWithoutRouter = "169.254.42.42";

/** Name of the network namespace that is the private network of this id. */
export function wireNamespace(id: string): string {
  return `n-${createHash("sha256").update(id).digest("hex").slice(0, 12)}`;
}

interface Wire {
  readonly namespace: string;
  readonly dhcp: DhcpServer;
  readonly cards: readonly PrivateCard[];
}

/**
 * The private networks of one factory's machines. Each is a bridge `lan` in a network namespace of its own, so that nobody else, not
 * even the operator, has a way into it. It is there while it has cards.
 */
export class PrivateWires {
  readonly #root: MachineRoot;
  readonly #folder: string;
  readonly #wires = new Map<string, Wire>();
  readonly #serial = new Serial();

  /** @param folder for leases and logs */
  constructor(root: MachineRoot, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Gives the card its lease, so that it may be plugged in. @returns name of the network namespace with the bridge */
  async join(card: PrivateCard): Promise<string> {
    return await this.#serial.run(async () => {
      const before = this.#wires.get(card.network.id) ?? (await this.#lay(card.network));
      const namespace = await this.#serve(card.network, { ...before, cards: [...before.cards, card] });
      // An address that another card had is still known with that one's hardware address.
      await must("ip", ["-n", namespace, "neigh", "flush", "dev", "lan", "to", card.address]);
      return namespace;
    });
  }

  /** Takes the lease back from a card that was unplugged. */
  async leave(card: PrivateCard): Promise<void> {
    await this.#serial.run(async () => {
      const before = this.#wires.get(card.network.id);
      if (before === undefined) return;
      const cards = before.cards.filter((other) => other !== card);
      if (cards.length > 0) await this.#serve(card.network, { ...before, cards });
      else await this.#take(card.network, before);
    });
  }

  async #serve(network: PrivateNetwork, wire: Wire): Promise<string> {
    this.#wires.set(network.id, wire);
    await wire.dhcp.serve(network, wire.cards);
    return wire.namespace;
  }

  async #lay(network: PrivateNetwork): Promise<Wire> {
    const namespace = wireNamespace(network.id);
    // One that a killed process has left.
    if (namespaceExists(namespace)) await must("ip", ["netns", "delete", namespace]);
    await must("ip", ["netns", "add", namespace]);
    const { gateway, range } = network;
    const address =
      gateway === null ? `${serverWithoutRouter}/32` : `${gateway}/${range.slice(range.indexOf("/") + 1)}`;
    await must("ip", ["-n", namespace, "-batch", "-"], {
      input: [
        "link set lo up",
        "link add lan address 02:00:00:00:00:02 type bridge forward_delay 0 mcast_snooping 0",
        `addr add ${address} dev lan`,
        "link set lan up",
        "",
      ].join("\n"),
    });
    if (gateway !== null) await becomesRouter(namespace);
    const folder = path.join(this.#folder, namespace);
    await mkdir(folder, { recursive: true });
    const busybox = path.join(this.#root.base, "usr", "bin", "busybox");
    return { namespace, dhcp: new DhcpServer({ busybox, namespace, folder }), cards: [] };
  }

  async #take(network: PrivateNetwork, wire: Wire): Promise<void> {
    this.#wires.delete(network.id);
    await wire.dhcp.stop();
    await must("ip", ["netns", "delete", wire.namespace]);
    await rm(path.join(this.#folder, wire.namespace), { recursive: true, force: true });
  }
}

/** Passes packets on from neighbour to neighbour, and does not tell them of the shorter way there is. */
async function becomesRouter(namespace: string): Promise<void> {
  const settings = { ip_forward: "1", "conf/all/send_redirects": "0", "conf/lan/send_redirects": "0" };
  for (const [name, value] of Object.entries(settings))
    await must("nsenter", [`--net=/run/netns/${namespace}`, "tee", `/proc/sys/net/ipv4/${name}`], {
      input: value,
    });
}
