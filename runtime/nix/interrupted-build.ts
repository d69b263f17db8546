import { anySignal } from "../platform/limits.ts";

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const running = new Set<AbortController>();
let caught: NodeJS.Signals | undefined;

function onSignal(name: NodeJS.Signals): void {
  caught = name;
  for (const controller of running) controller.abort();
}

/**
 * Does work whose child processes end when this process gets a signal. Children of ours are process groups of their own, which a
 * terminal's Ctrl-C does not reach: without this they would outlive us. Once they are gone the signal takes its usual effect, unless
 * another listener handles it.
 * @param work gets a signal that fires when `outer` does, or on SIGINT, SIGTERM and SIGHUP
 */
export async function interruptible<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const signal = anySignal(controller.signal, outer);
  if (running.size === 0) for (const ending of endings) process.on(ending, onSignal);
  running.add(controller);
  try {
    return await work(signal);
  } finally {
    running.delete(controller);
    if (running.size === 0) stopListening();
  }
}

function stopListening(): void {
  for (const ending of endings) process.off(ending, onSignal);
  const name = caught;
  caught = undefined;
  if (name !== undefined && process.listenerCount(name) === 0) process.kill(process.pid, name);
}
