import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";

/**
 * Runs `task` while holding an exclusive lock on `file`, waiting for it as long as the holder lives.
 *
 * A child keeps the kernel lock until its standard input closes, so it is released however this process ends, kill -9
 * included, and it works across pid namespaces. Without `flock` (util-linux) the task runs unlocked: what it produces is
 * put in place atomically anyway, at worst it is produced twice.
 *
 * @throws whatever `task` throws; an Error when `signal` is aborted while waiting
 */
export async function withFileLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  task: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const release = await acquire(file, signal);
  try {
    return await task();
  } finally {
    await release();
  }
}

async function acquire(file: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  signal?.throwIfAborted();
  // `cat` echoes our first line once flock has the lock, and ends with our end of the pipe.
  const holder = spawn("flock", ["--exclusive", file, "cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C must not take the lock away before the task has cleaned up.
    detached: true,
  });
  const ended = once(holder, "exit").catch(() => undefined);
  const abort = () => holder.kill("SIGTERM");
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const locked = await new Promise<boolean>((resolve) => {
      const lines = createInterface({ input: holder.stdout });
      lines.once("line", () => resolve(true));
      lines.once("close", () => resolve(false));
      holder.once("error", () => resolve(false));
      holder.stdin.on("error", () => resolve(false));
      holder.stdin.write("held\n");
    });
    signal?.throwIfAborted();
    if (!locked) return async () => undefined;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return async () => {
    holder.stdin.end();
    await ended;
  };
}
