import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { awaitPort, awaitPorts } from "../../../../runtime/ssh/wait-for-port.ts";

const address = "127.0.0.1";
let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function listen(port: number): Promise<number> {
  server = createServer((socket) => socket.destroy());
  server.listen(port, address);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const port = await listen(0);
  server?.close();
  return port;
}

/** Far beyond what any of it takes. */
const longSeconds = 60;

test("a port that takes connections is not waited for", async () => {
  const started = Date.now();
  await awaitPort({ address, port: await listen(0) }, longSeconds);
  expect(Date.now() - started).toBeLessThan(longSeconds * 500);
});

test("a closed port is waited for until it opens", async () => {
  const port = await closedPort();
  let open = false;
  const waiting = awaitPort({ address, port }, longSeconds).then(() => open);
  await new Promise((resolve) => setTimeout(resolve, 400));
  open = true;
  await listen(port);
  expect(await waiting).toBe(true);
});

test("one that stays closed is given up after the time, and not before", async () => {
  const port = await closedPort();
  const started = Date.now();
  await awaitPort({ address, port }, 0.5);
  // Timers may fire a millisecond early.
  expect(Date.now() - started).toBeGreaterThanOrEqual(495);
});

test("no time means no connection", async () => {
  let met = false;
  const port = await listen(0);
  server?.once("connection", () => {
    met = true;
  });
  await awaitPort({ address, port }, 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(met).toBe(false);
});

test("when cancelled it ends at once", async () => {
  const port = await closedPort();
  const cancel = new AbortController();
  const started = Date.now();
  const waiting = awaitPort({ address, port }, longSeconds, cancel.signal);
  setTimeout(() => cancel.abort(), 50);
  await waiting;
  expect(Date.now() - started).toBeLessThan(longSeconds * 500);
  await awaitPort({ address, port }, longSeconds, cancel.signal);
  expect(Date.now() - started).toBeLessThan(longSeconds * 500);
});

test("of several ports, the first that takes connections ends the wait", async () => {
  const closed = { address, port: await closedPort() };
  const started = Date.now();
  await awaitPorts([closed, { address, port: await listen(0) }], longSeconds);
  expect(Date.now() - started).toBeLessThan(longSeconds * 500);
  await awaitPorts([closed], 0.5);
  expect(Date.now() - started).toBeGreaterThanOrEqual(495);
});

test("an address that leads nowhere is not an error: ssh will say so", async () => {
  await expect(awaitPort({ address: "fe80::1%nowhere", port: 22 }, 0.3)).resolves.toBeUndefined();
});
