/** One service of one load balancer: a port, the health of its targets, and connections handed on. */
import net from "node:net";
import type { BalancerService, LoadBalancerRecord } from "../state.ts";
import { isHealthy } from "./health.ts";

/** A target and where it is reached now; null: nowhere. */
export interface Backend {
  readonly server: number;
  readonly address: string | null;
}

/** What a listener asks for whenever it needs it: settings change under it. */
export interface Listened {
  /** Own addresses: the first one is what targets see. */
  readonly addresses: readonly string[];
  service(): BalancerService | undefined;
  algorithm(): LoadBalancerRecord["algorithm"];
  backends(): readonly Backend[];
}

interface Standing {
  healthy: boolean;
  failures: number;
  /** Connections open now. */
  open: number;
}

export class Listener {
  readonly #of: Listened;
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<net.Socket>();
  readonly #standing = new Map<number, Standing>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #closed = false;

  constructor(of: Listened) {
    this.#of = of;
  }

  /** Listens at every address. Throws the socket's error if the port is taken. */
  async open(port: number): Promise<void> {
    await Promise.all(
      this.#of.addresses.map(
        (host) =>
          new Promise<void>((resolve, reject) => {
            const server = net.createServer((client) => this.#handOn(client));
            this.#servers.push(server);
            server.once("error", reject);
            server.listen({ host, port }, () => resolve());
          }),
      ),
    );
    void this.look();
  }

  /** Checks every target now, and again after the check's interval. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const service = this.#of.service();
    if (service === undefined || this.#closed) return;
    await Promise.all(this.#of.backends().map((backend) => this.#check(service, backend)));
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), service.health_check.interval * 1000);
    this.#timer.unref();
  }

  healthOf(server: number): "healthy" | "unhealthy" | "unknown" {
    const standing = this.#standing.get(server);
    if (standing === undefined) return "unknown";
    return standing.healthy ? "healthy" : "unhealthy";
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  async #check({ health_check: check }: BalancerService, { server, address }: Backend): Promise<void> {
    const well = address !== null && (await isHealthy(check, address, this.#source()));
    const before = this.#standing.get(server) ?? { healthy: false, failures: 0, open: 0 };
    before.failures = well ? 0 : before.failures + 1;
    before.healthy = well || (before.healthy && before.failures < check.retries);
    this.#standing.set(server, before);
  }

  #source(): string {
    const [first] = this.#of.addresses;
    if (first === undefined) throw new Error("a load balancer without an address");
    return first;
  }

  /** A client without a healthy target is hung up on. */
  #handOn(client: net.Socket): void {
    const service = this.#of.service();
    const chosen = this.#choose();
    if (service === undefined || chosen === undefined) {
      client.destroy();
      return;
    }
    const { address: host, standing } = chosen;
    const target = net.connect({ host, port: service.destination_port, localAddress: this.#source() });
    standing.open += 1;
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.once("close", () => {
        this.#sockets.delete(one);
        other.destroySoon();
      });
    }
    target.once("close", () => {
      standing.open -= 1;
    });
    if (service.proxyprotocol) target.write(proxyLine(client));
    client.pipe(target);
    target.pipe(client);
  }

  #choose(): { readonly address: string; readonly standing: Standing } | undefined {
    const able = this.#of.backends().flatMap(({ server, address }) => {
      const standing = this.#standing.get(server);
      return address !== null && standing?.healthy === true ? [{ address, standing }] : [];
    });
    if (this.#of.algorithm() === "least_connections")
      return able.toSorted((a, b) => a.standing.open - b.standing.open)[0];
    this.#turn += 1;
    return able[this.#turn % Math.max(1, able.length)];
  }
}

/** Version 1 of www.haproxy.org/download/2.0/doc/proxy-protocol.txt. */
function proxyLine({ remoteAddress, localAddress, remotePort, localPort, remoteFamily }: net.Socket): string {
  const family = remoteFamily === "IPv6" ? "TCP6" : "TCP4";
  return `PROXY ${family} ${remoteAddress} ${localAddress} ${remotePort} ${localPort}\r\n`;
}
