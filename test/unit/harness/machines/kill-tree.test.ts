import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { childrenOf, killTree } from "../../../harness/machines/kill-tree.ts";

/** Processes, of whomever, that have a word among their arguments. */
function having(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Seconds that nobody else sleeps. */
function longTime(): string {
  const time = `${100_000 + process.pid}.${Math.trunc(Math.random() * 1e9)}`;
  onTestFinished(() => {
    for (const pid of having(time)) process.kill(pid, "SIGKILL");
  });
  return time;
}

test("whoever goes on starting others is ended with all of them, at whatever moment", {
  timeout: 60_000,
}, async () => {
  const time = longTime();
  for (let round = 0; round < 100; round++) {
    const busy = spawn("bash", ["-c", `for n in {1..500}; do sleep ${time} & done; wait`], {
      stdio: "ignore",
    });
    while (childrenOf(busy.pid ?? 0).length === 0) await sleep(1);
    await killTree(busy);
    expect(busy.signalCode).toBe("SIGKILL");
  }
  await sleep(100);
  expect(having(time)).toEqual([]);
});

test("one that has started nothing, and one that has ended, are ended as well", async () => {
  const time = longTime();
  const quiet = spawn("sleep", [time], { stdio: "ignore" });
  await once(quiet, "spawn");
  await killTree(quiet);
  expect(having(time)).toEqual([]);
  await killTree(quiet);
  const gone = spawn("true", { stdio: "ignore" });
  await once(gone, "exit");
  await killTree(gone);
  expect(gone.exitCode).toBe(0);
});
