import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DistantPort, openDistantPort } from "../../../../bench/deploy/distance.ts";

const roundTripMs = 80;
/** Timers may be a little early. */
const tolerance = 0.9;

let server: Server;
let distant: DistantPort;
beforeEach(async () => {
  // Says what it hears, and ends when the other side does.
  server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  distant = await openDistantPort({ address: "127.0.0.1", port: address.port }, roundTripMs);
});
afterEach(async () => {
  await distant.close();
  server.close();
});

describe("openDistantPort", () => {
  it("lets a connection take a round trip, and each question another one", async () => {
    const socket = connect(distant.port, distant.address);
    const start = performance.now();
    socket.write("one");
    await once(socket, "data");
    const first = performance.now();
    expect(first - start).toBeGreaterThan(2 * roundTripMs * tolerance);
    socket.write("two");
    await once(socket, "data");
    expect(performance.now() - first).toBeGreaterThan(roundTripMs * tolerance);
    socket.destroy();
  });

  it("hands on everything in order, and the end", async () => {
    const socket = connect(distant.port, distant.address);
    const sent = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join("");
    for (const line of sent.split(/(?<=\n)/)) socket.write(line);
    socket.end();
    expect(await text(socket)).toBe(sent);
  });

  it("ends what it leads to when it is closed", async () => {
    const socket = connect(distant.port, distant.address);
    socket.write("x");
    await once(socket, "data");
    const ended = once(socket, "close");
    await distant.close();
    await ended;
    distant = await openDistantPort({ address: "127.0.0.1", port: 1 }, 1);
  });
});
