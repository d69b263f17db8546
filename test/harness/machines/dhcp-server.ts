import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { PrivateCard, PrivateNetwork } from "./contract.ts";

/** Where a DHCP server runs. */
interface DhcpPlace {
  /** Static busybox with `udhcpd`. */
  readonly busybox: string;
  /** Network namespace with the interface `lan`, which has the server's address. */
  readonly namespace: string;
  /** For its configuration, leases and log. */
  readonly folder: string;
}

const leaseSeconds = 86_400;
const stopMs = 10_000;

/** busybox' DHCP server on one private network: it answers the cards it knows and no other. Never outlives this process. */
export class DhcpServer {
  readonly #place: DhcpPlace;
  #child: ChildProcess | undefined;

  constructor(place: DhcpPlace) {
    this.#place = place;
  }

  /** Serves exactly these cards from now on. */
  async serve(network: PrivateNetwork, cards: readonly PrivateCard[]): Promise<void> {
    await this.stop();
    const { busybox, folder, namespace } = this.#place;
    const configuration = path.join(folder, "udhcpd.conf");
    await writeFile(configuration, dhcpConfiguration(folder, network, cards));
    await writeFile(path.join(folder, "leases"), "");
    const log = openSync(path.join(folder, "udhcpd.log"), "a");
    const child = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "nsenter", `--net=/run/netns/${namespace}`],
        ...[busybox, "udhcpd", "-f", configuration],
      ],
      { stdio: ["ignore", log, log], detached: true },
    );
    closeSync(log);
    await once(child, "spawn");
    this.#child = child;
  }

  /** It is gone when this resolves. Safe to call again. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit", { signal: AbortSignal.timeout(stopMs) });
    child.kill("SIGKILL");
    await ended;
  }
}

/**
 * Configuration for udhcpd (busybox, `networking/udhcp/dhcpd.c`). With a router a card gets a single address and all routes go through
 * the router, as at Hetzner (https://docs.hetzner.com/networking/networks/faq/); without one, an address of the subnet.
 *
 * @param folder of leases and process id
 */
export function dhcpConfiguration(
  folder: string,
  network: PrivateNetwork,
  cards: readonly PrivateCard[],
): string {
  const { gateway, range, mtu } = network;
  const options =
    gateway === null
      ? [`subnet ${netmask(Number(range.slice(range.indexOf("/") + 1)))}`]
      : ["subnet 255.255.255.255", `staticroutes ${gateway}/32 0.0.0.0, ${range} ${gateway}`];
  // There has to be a pool; this one has no address that could be given away.
  const pool = gateway ?? "169.254.42.42";
  return [
    "interface lan",
    `start ${pool}`,
    `end ${pool}`,
    "max_leases 1",
    `lease_file ${path.join(folder, "leases")}`,
    `pidfile ${path.join(folder, "pid")}`,
    ...[...options, `mtu ${mtu}`, `lease ${leaseSeconds}`].map((option) => `opt ${option}`),
    ...cards.map(({ mac, address }) => `static_lease ${mac} ${address}`),
    "",
  ].join("\n");
}

/** @param prefix 1 to 32 */
function netmask(prefix: number): string {
  const bits = (0xffff_ffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}
