import { once } from "node:events";
import { createServer, connect as openConnection, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A port of this machine that leads to a machine far away. */
export interface DistantPort {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Puts a distance between this machine and a TCP port: what is said on either side is heard half a round trip later, and a connection
 * takes a whole one before the first word. Bandwidth is not limited, and no packet is lost.
 * @param roundTripMs milliseconds
 */
export async function openDistantPort(
  target: { readonly address: string; readonly port: number },
  roundTripMs: number,
): Promise<DistantPort> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true).once("close", () => sockets.delete(socket));
    // Whoever sees its end reports it: the programs at both ends.
    socket.on("error", () => socket.destroy());
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, async (near) => {
    keep(near);
    near.pause();
    await sleep(roundTripMs / 2);
    const far = openConnection({ host: target.address, port: target.port, allowHalfOpen: true });
    keep(far);
    // What the near side says first leaves it when the far side's acceptance has come back.
    delayed(near, far, roundTripMs / 2, performance.now() + roundTripMs / 2);
    delayed(far, near, roundTripMs / 2, 0);
    near.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { address: "127.0.0.1", port: portOf(server), close: () => closeServer(server, sockets) };
}

/** Passes on what comes from one socket, each piece that many milliseconds after it came. @param notBefore clock time of `performance` */
function delayed(from: Socket, to: Socket, milliseconds: number, notBefore: number): void {
  const waiting: (() => void)[] = [];
  // Whatever timer is first, what came first leaves first.
  const after = (act: () => void) => {
    waiting.push(act);
    setTimeout(() => waiting.shift()?.(), Math.max(notBefore - performance.now(), 0) + milliseconds);
  };
  from.on("data", (chunk: Buffer) => after(() => to.write(chunk)));
  from.on("end", () => after(() => to.end()));
  from.on("close", (failed) => {
    if (failed) after(() => to.destroy());
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
}
