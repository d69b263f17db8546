import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";

const bin = path.join(packageRoot(), "cli", "bin.mjs");

it("a reader that goes away early is no defect of ours", async () => {
  const empty = mkdtempSync(path.join(tmpdir(), "no-programs-"));
  try {
    const child = spawn(process.execPath, [bin, "doctor"], {
      env: { PATH: empty },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    const ended = new Promise((resolve) => child.once("close", resolve));
    expect(await text(child.stderr)).toBe("");
    expect(await ended).toBe(1);
  } finally {
    rmSync(empty, { recursive: true });
  }
}, 60_000);
