import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { run } from "../../../runtime/platform/run-command.ts";
import { must } from "./must.ts";

/** Addresses of a machine, without prefix; null where it has none. */
export interface Addresses {
  readonly ipv4: string | null;
  readonly ipv6: string | null;
}

/** Whether there is a network namespace of this name in the world. */
export function namespaceExists(name: string): boolean {
  return existsSync(`/run/netns/${name}`);
}

/** The wire of one machine: a network namespace named after it with `eth0` on the world's bridge. */
export class MachineNetwork {
  readonly namespace: string;
  readonly #bridgePort: string;
  readonly #mac: string;

  /** @param id of the machine */
  constructor(id: string) {
    const digest = createHash("sha256").update(id).digest("hex");
    this.namespace = `m-${id}`;
    this.#bridgePort = `v${digest.slice(0, 12)}`;
    this.#mac = `96:00:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
  }

  /** Argument for `nsenter --net=`. */
  get path(): string {
    return `/run/netns/${this.namespace}`;
  }

  /**
   * Lays the wire; one that a killed process has left is taken away first.
   *
   * @throws Error when a machine of this name runs
   */
  async create(): Promise<void> {
    const left = await run("ip", ["netns", "pids", this.namespace], { timeoutSeconds: 10 });
    if (left.ok && left.stdout !== "") throw new Error(`a machine on ${this.namespace} runs already`);
    if (left.ok) await this.destroy();
    await must("ip", ["netns", "add", this.namespace]);
    const peer = `peer name eth0 address ${this.#mac} netns ${this.namespace}`;
    await batch(
      [],
      [`link add ${this.#bridgePort} type veth ${peer}`, `link set ${this.#bridgePort} master br0 up`],
    );
  }

  /** Cable in, the given addresses and routes and nothing else: whatever a system has changed is undone. */
  async configure({ ipv4, ipv6 }: Addresses): Promise<void> {
    await batch(
      ["-n", this.namespace],
      [
        "link set lo up",
        "link set eth0 down",
        "addr flush dev eth0",
        "link set eth0 up",
        ...(ipv4 === null ? [] : [`addr add ${ipv4}/24 dev eth0`, "route replace default via 198.51.100.1"]),
        ...(ipv6 === null
          ? []
          : [`addr add ${ipv6}/64 dev eth0 nodad`, "route replace default via fe80::1 dev eth0"]),
      ],
    );
    // An address that another machine had is still known with that one's hardware address, for up to a minute.
    const known = [ipv4, ipv6].filter((address) => address !== null);
    await batch(
      [],
      known.map((address) => `neigh flush dev br0 to ${address}`),
    );
  }

  /** Pulls the cable, or puts it back; the system inside sees no change of its own. */
  async setCable(plugged: boolean): Promise<void> {
    await must("ip", ["link", "set", this.#bridgePort, plugged ? "up" : "down"]);
  }

  async destroy(): Promise<void> {
    if (existsSync(this.path)) await must("ip", ["netns", "delete", this.namespace]);
  }
}

async function batch(args: readonly string[], lines: readonly string[]): Promise<void> {
  await must("ip", [...args, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
