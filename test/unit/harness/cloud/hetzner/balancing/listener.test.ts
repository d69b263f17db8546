import net from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Backend, Listener } from "../../../../../harness/cloud/hetzner/balancing/listener.ts";
import type { BalancerService, LoadBalancerRecord } from "../../../../../harness/cloud/hetzner/state.ts";

const own = "127.0.0.10";
/** Nothing here depends on being quick. */
const patience = { timeout: 20_000 };
const port = async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, own, resolve));
  const free = (server.address() as net.AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return free;
};

/** A server that speaks HTTP, its own address as the text, and notes what it is sent. */
async function target(address: string, at: number, status = 200) {
  const heard: string[] = [];
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (data) => {
      heard.push(data.toString());
      socket.end(`HTTP/1.1 ${status} x\r\ncontent-length: ${address.length}\r\n\r\n${address}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(at, address, resolve));
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(stop);
  return { heard, stop };
}

async function listening(change: Partial<BalancerService> = {}, backends: readonly Backend[] = both) {
  const [listen, destination] = [await port(), await port()];
  const state = {
    algorithm: "round_robin" as LoadBalancerRecord["algorithm"],
    backends,
    service: {
      protocol: "tcp",
      listen_port: listen,
      destination_port: destination,
      proxyprotocol: false,
      http: null,
      health_check: {
        protocol: "tcp",
        port: destination,
        ...{ interval: 60, timeout: 10, retries: 1, http: null },
      },
      ...change,
    } satisfies BalancerService,
  };
  const listener = new Listener({
    addresses: [own],
    service: () => state.service,
    algorithm: () => state.algorithm,
    backends: () => state.backends,
  });
  onTestFinished(() => listener.close());
  return { listener, listen, destination, state, open: () => listener.open(listen) };
}

const [one, two] = ["127.0.0.11", "127.0.0.12"] as const;
const both: readonly Backend[] = [
  { server: 1, address: one },
  { server: 2, address: two },
];

async function ask(at: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = net.connect(at, own, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.once("error", () => resolve("nothing"));
    socket.once("close", () => resolve(answer.split("\r\n\r\n")[1] ?? "nothing"));
  });
}

describe("a listening load balancer", () => {
  it("hands each client to the next healthy target, and only to those", async () => {
    const { listener, listen, destination, open } = await listening();
    await target(one, destination);
    const second = await target(two, destination);
    expect(listener.healthOf(1)).toBe("unknown");
    await open();
    await vi.waitFor(
      () => expect([1, 2].map((each) => listener.healthOf(each))).toEqual(["healthy", "healthy"]),
      patience,
    );
    const answers = [await ask(listen), await ask(listen), await ask(listen), await ask(listen)];
    expect(answers.toSorted()).toEqual([one, one, two, two]);
    await second.stop();
    await listener.look();
    expect(listener.healthOf(2)).toBe("unhealthy");
    expect([await ask(listen), await ask(listen)]).toEqual([one, one]);
    await target(two, destination);
    await listener.look();
    expect(listener.healthOf(2)).toBe("healthy");
  });

  it("bears as many failures as the check says", async () => {
    const { listener, destination, state, open } = await listening();
    state.service = { ...state.service, health_check: { ...state.service.health_check, retries: 3 } };
    const first = await target(one, destination);
    await open();
    await vi.waitFor(() => expect(listener.healthOf(1)).toBe("healthy"), patience);
    await first.stop();
    const seen = [];
    for (let look = 0; look < 3; look += 1) {
      await listener.look();
      seen.push(listener.healthOf(1));
    }
    expect(seen).toEqual(["healthy", "healthy", "unhealthy"]);
  });

  it("hangs up where there is no target, and where a target has no address", async () => {
    const { listener, listen, open } = await listening({}, [{ server: 1, address: null }]);
    await open();
    await listener.look();
    expect(listener.healthOf(1)).toBe("unhealthy");
    expect(await ask(listen)).toBe("nothing");
  });

  it("prefers the target with the fewest open connections where it is told to", async () => {
    const { listener, listen, destination, state, open } = await listening();
    await target(one, destination);
    await target(two, destination);
    state.algorithm = "least_connections";
    await open();
    await listener.look();
    // It says nothing, and so stays.
    const silent = net.connect(listen, own);
    onTestFinished(() => void silent.destroy());
    await new Promise((resolve) => silent.once("connect", resolve));
    await vi.waitFor(
      async () => expect([await ask(listen), await ask(listen)]).toEqual([two, two]),
      patience,
    );
  });

  it("tells its targets who is there, where they asked for it", async () => {
    const { listener, listen, destination, state, open } = await listening();
    const { heard } = await target(one, destination);
    state.service = { ...state.service, proxyprotocol: true };
    state.backends = both.slice(0, 1);
    await open();
    await listener.look();
    await ask(listen);
    expect(heard.at(-1)).toMatch(new RegExp(`^PROXY TCP4 127.0.0.1 127.0.0.10 \\d+ ${listen}\r\n`));
  });

  it.each<[string, number, Partial<NonNullable<BalancerService["health_check"]["http"]>>, string]>([
    ["a code it takes", 299, {}, "healthy"],
    ["a code it does not take", 404, {}, "unhealthy"],
    ["the one code that is named", 404, { status_codes: ["404"] }, "healthy"],
    ["the text it looks for", 200, { response: one }, "healthy"],
    ["another text", 200, { response: "fine" }, "unhealthy"],
    ["no TLS, which it asks for", 200, { tls: true }, "unhealthy"],
  ])("checks by HTTP: %s", async (_, status, change, health) => {
    const { listener, destination, state, open } = await listening({}, both.slice(0, 1));
    const http = { domain: "a.example.org", path: "/up", response: "", status_codes: ["2??"], tls: false };
    const check = { ...state.service.health_check, protocol: "http", http: { ...http, ...change } } as const;
    state.service = { ...state.service, health_check: check };
    const { heard } = await target(one, destination, status);
    await open();
    await vi.waitFor(() => expect(listener.healthOf(1)).not.toBe("unknown"), patience);
    expect(listener.healthOf(1)).toBe(health);
    if (change.tls !== true)
      expect(heard[0]).toMatch(/^GET \/up HTTP\/1\.1\r\n(.*\r\n)*host: a\.example\.org/i);
  });
});
