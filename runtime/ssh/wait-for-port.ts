import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deadlineIn } from "../platform/deadline.ts";
import { anySignal } from "../platform/limits.ts";

const pauseMs = 150;
/** An answer that takes longer is left to ssh, which waits longer. */
const answerMs = 2000;

/**
 * Waits until a TCP port takes connections: asking costs next to nothing, so a machine that comes back is noticed at once.
 * Says nothing of who listens there, and sends nothing.
 * @param seconds at most; returns after that, and when aborted, whatever the port does
 * @internal
 */
export async function awaitPort(
  { address, port }: { readonly address: string; readonly port: number },
  seconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = deadlineIn(seconds);
  const left = () => deadline.remaining() * 1000;
  while (left() > 0 && signal?.aborted !== true) {
    if (await accepts(address, port, Math.min(answerMs, left()), signal)) return;
    await sleep(Math.min(pauseMs, left()), undefined, { signal }).catch(() => {});
  }
}

/** As `awaitPort`, for a machine that may answer at one of several places: until any of them takes connections. */
export async function awaitPorts(
  places: readonly { readonly address: string; readonly port: number }[],
  seconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const found = new AbortController();
  const end = anySignal(found.signal, signal);
  try {
    await Promise.race(places.map((place) => awaitPort(place, seconds, end)));
  } finally {
    found.abort();
  }
}

function accepts(host: string, port: number, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (accepted: boolean) => {
      signal?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      socket.destroy();
      resolve(accepted);
    };
    const onAbort = () => settle(false);
    const timer = setTimeout(() => settle(false), ms);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}
