/** The traffic of a project's load balancers: who listens where, and how their targets are. */
import type { Project } from "../project.ts";
import { addressOf } from "../resources/address-book.ts";
import { addressesOfBalancer } from "../resources/load-balancer-view.ts";
import type { BalancerService, LoadBalancerRecord } from "../state.ts";
import type { Frontends } from "./frontends.ts";
import { type Backend, Listener } from "./listener.ts";

interface Running {
  readonly listeners: Map<number, Listener>;
  claimed: boolean;
  /** What is being brought into line; one after the other. */
  work: Promise<void>;
}

export class Traffic {
  readonly #project: Project;
  readonly #frontends: Frontends | null;
  readonly #running = new Map<number, Running>();

  /** @param frontends null: load balancers are records only, and nobody knows how their targets are */
  constructor(project: Project, frontends: Frontends | null) {
    this.#project = project;
    this.#frontends = frontends;
  }

  /** Brings what listens into line with the record, soon; `settled` waits for it. */
  sync(balancer: LoadBalancerRecord): void {
    if (this.#frontends === null) return;
    const frontends = this.#frontends;
    const running = this.#running.get(balancer.id) ?? newRunning();
    this.#running.set(balancer.id, running);
    running.work = running.work.then(() => this.#align(balancer, running, frontends));
    // Whoever waits is told; the process must not end where nobody does.
    running.work.catch(() => undefined);
  }

  async settled(balancer: LoadBalancerRecord): Promise<void> {
    await this.#running.get(balancer.id)?.work;
  }

  /** Stops listening, and gives the addresses back. */
  async close(balancer: LoadBalancerRecord): Promise<void> {
    const running = this.#running.get(balancer.id);
    if (running === undefined || this.#frontends === null) return;
    this.#running.delete(balancer.id);
    await running.work.catch(() => undefined);
    await Promise.all([...running.listeners.values()].map((listener) => listener.close()));
    if (running.claimed) await this.#frontends.release(Object.values(addressesOfBalancer(balancer)));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#project.state.load_balancers.values()].map((each) => this.close(each)));
  }

  healthOf(balancer: LoadBalancerRecord, port: number, server: number): "healthy" | "unhealthy" | "unknown" {
    return this.#running.get(balancer.id)?.listeners.get(port)?.healthOf(server) ?? "unknown";
  }

  async #align(balancer: LoadBalancerRecord, running: Running, frontends: Frontends): Promise<void> {
    const addresses = Object.values(addressesOfBalancer(balancer));
    if (!running.claimed) {
      await frontends.claim(addresses);
      running.claimed = true;
    }
    const wanted = balancer.publicInterface ? balancer.services.filter(isCarried) : [];
    for (const [port, listener] of running.listeners) {
      if (!wanted.some(({ listen_port: each }) => each === port)) {
        running.listeners.delete(port);
        await listener.close();
      }
    }
    for (const { listen_port: port } of wanted) {
      const listener = running.listeners.get(port);
      if (listener === undefined) {
        const opened = new Listener({
          addresses,
          service: () => balancer.services.find(({ listen_port: each }) => each === port),
          algorithm: () => balancer.algorithm,
          backends: () => this.#backends(balancer),
        });
        running.listeners.set(port, opened);
        await opened.open(port);
      } else {
        void listener.look();
      }
    }
  }

  /** A balancer has no card in private networks: a target is reached at its public address. */
  #backends(balancer: LoadBalancerRecord): Backend[] {
    return balancer.targets.map(({ server }) => {
      const found = this.#project.state.servers.get(server);
      const address = found === undefined ? undefined : addressOf(this.#project, found, "ipv4");
      return { server, address: address?.ip ?? null };
    });
  }
}

/** TLS would need certificates, which are not emulated. */
function isCarried({ protocol }: BalancerService): boolean {
  return protocol !== "https";
}

function newRunning(): Running {
  return { listeners: new Map(), claimed: false, work: Promise.resolve() };
}
