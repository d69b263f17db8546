import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { PrivateCard } from "./contract.ts";
import { must } from "./must.ts";
import type { PrivateWires } from "./private-wires.ts";
import { Serial } from "./serial.ts";

interface Plugged {
  readonly card: PrivateCard;
  /** Number of its interface: 1 for `eth1`. */
  readonly number: number;
}

/** The cards of one machine in private networks: `eth1` and so on, in its network namespace. */
export class PrivateCards {
  readonly #namespace: string;
  readonly #wires: PrivateWires;
  // The machine may boot while a card comes or goes.
  readonly #serial = new Serial();
  #plugged: readonly Plugged[] = [];

  /** @param namespace name of the machine's network namespace */
  constructor(namespace: string, wires: PrivateWires) {
    this.#namespace = namespace;
    this.#wires = wires;
  }

  /**
   * Makes these the machine's cards. Those that it has keep their names; the others get the first free ones.
   *
   * @returns whether anything was changed
   */
  async set(cards: readonly PrivateCard[]): Promise<boolean> {
    return await this.#serial.run(async () => {
      const isWanted = ({ card }: Plugged) => cards.some((wanted) => isDeepStrictEqual(wanted, card));
      const gone = this.#plugged.filter((plugged) => !isWanted(plugged));
      for (const plugged of gone) await this.#unplug(plugged);
      const missing = cards.filter(
        (wanted) => !this.#plugged.some(({ card }) => isDeepStrictEqual(wanted, card)),
      );
      for (const card of missing) await this.#plug(card, this.#freeNumber());
      return gone.length + missing.length > 0;
    });
  }

  /** What a restart does: cards are new to the system, without addresses, and names have no gaps. */
  async renumber(): Promise<void> {
    await this.#serial.run(async () => {
      const before = this.#plugged;
      for (const plugged of before) await this.#unplug(plugged);
      for (const [index, { card }] of before.entries()) await this.#plug(card, index + 1);
    });
  }

  #freeNumber(): number {
    let number = 1;
    while (this.#plugged.some((other) => other.number === number)) number += 1;
    return number;
  }

  async #plug(card: PrivateCard, number: number): Promise<void> {
    const wire = await this.#wires.join(card);
    this.#plugged = [...this.#plugged, { card, number }];
    const peer = `peer name eth${number} address ${card.mac} netns ${this.#namespace}`;
    const port = this.#portOf(card);
    await must("ip", ["-n", wire, "-batch", "-"], {
      input: `link add ${port} type veth ${peer}\nlink set ${port} master lan up\n`,
    });
  }

  async #unplug({ card, number }: Plugged): Promise<void> {
    await must("ip", ["-n", this.#namespace, "link", "delete", `eth${number}`]);
    this.#plugged = this.#plugged.filter((plugged) => plugged.card !== card);
    await this.#wires.leave(card);
  }

  #portOf(card: PrivateCard): string {
    const digest = createHash("sha256").update(`${this.#namespace} ${card.network.id}`).digest("hex");
    return `v${digest.slice(0, 12)}`;
  }
}
