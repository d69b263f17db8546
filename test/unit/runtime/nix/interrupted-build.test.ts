import { expect, test } from "vitest";
import { interruptible } from "../../../../runtime/nix/interrupted-build.ts";

const aborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener("abort", () => resolve("ended")));

test("a signal ends all work going on; whoever else listens decides about the program", async () => {
  let heard = 0;
  const listener = () => {
    heard += 1;
  };
  process.on("SIGHUP", listener);
  try {
    const works = [interruptible(undefined, aborted), interruptible(new AbortController().signal, aborted)];
    process.kill(process.pid, "SIGHUP");
    expect(await Promise.all(works)).toEqual(["ended", "ended"]);
    expect(heard).toBe(1);
    expect(process.listenerCount("SIGHUP")).toBe(1);
  } finally {
    process.off("SIGHUP", listener);
  }
});

test("a caller's signal ends that work alone, and one fired before counts", async () => {
  const controller = new AbortController();
  let otherEnded = false;
  const release = new AbortController();
  const other = interruptible(release.signal, aborted).then(() => {
    otherEnded = true;
  });
  const work = interruptible(controller.signal, aborted);
  controller.abort();
  expect(await work).toBe("ended");
  expect(otherEnded).toBe(false);
  expect(await interruptible(controller.signal, async (signal) => signal.aborted)).toBe(true);
  release.abort();
  await other;
});

test("failures pass through and leave no listener", async () => {
  const before = process.listenerCount("SIGINT");
  const failing = interruptible(undefined, async () => {
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    throw new Error("boom");
  });
  await expect(failing).rejects.toThrow("boom");
  expect(process.listenerCount("SIGINT")).toBe(before);
});
