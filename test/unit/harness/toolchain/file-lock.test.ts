import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { withFileLock } from "../../../harness/toolchain/file-lock.ts";
import { temporaryFolder } from "./temporary.ts";

const holder = fileURLToPath(new URL("hold-lock.ts", import.meta.url));

describe("withFileLock", () => {
  it("lets one task in at a time", async () => {
    const lock = path.join(temporaryFolder(), "locks", "one");
    let inside = 0;
    let most = 0;
    const task = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(lock, undefined, task)));
    expect(most).toBe(1);
  });

  it("is free again after a failed task, whose error it passes on", async () => {
    const lock = path.join(temporaryFolder(), "one");
    const fail = async () => {
      throw new Error("task failed");
    };
    await expect(withFileLock(lock, undefined, fail)).rejects.toThrow("task failed");
    expect(await withFileLock(lock, undefined, async () => "in")).toBe("in");
  });

  it("stops waiting when it is aborted", async () => {
    const lock = path.join(temporaryFolder(), "one");
    const controller = new AbortController();
    let entered = false;
    await withFileLock(lock, undefined, async () => {
      const waiting = withFileLock(lock, controller.signal, async () => {
        entered = true;
      });
      setTimeout(() => controller.abort(new Error("enough")), 100);
      await expect(waiting).rejects.toThrow("enough");
    });
    expect(entered).toBe(false);
  });

  it("is free again when its holder was killed", async () => {
    const lock = path.join(temporaryFolder(), "one");
    const other = spawn(process.execPath, ["--import", "tsx", holder, lock], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(other.stdout, "data");
    let entered = false;
    const waiting = withFileLock(lock, undefined, async () => {
      entered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(entered).toBe(false);
    other.kill("SIGKILL");
    await waiting;
    expect(entered).toBe(true);
  });
});
