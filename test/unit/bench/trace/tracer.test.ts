import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { traceCalls } from "../../../../bench/trace/tracer.ts";

describe("a tracer", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "tracer-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("notes calls of its programs, which run as ever, and of no others", () => {
    const tracer = traceCalls(["seq", "nl"], { PATH: process.env["PATH"] ?? "" }, folder);
    const shell = (command: string) =>
      execFileSync("sh", ["-c", command], { env: tracer.environment, encoding: "utf8" });
    expect(shell("seq 2 | nl -s: -w1; printf x | cat")).toBe("1:1\n2:2\nx");
    expect(tracer.takeCalls().sort()).toEqual(["nl -s:", "seq 2"]);
    expect(tracer.takeCalls()).toEqual([]);
    expect(() => shell("seq nonsense 2>/dev/null")).toThrow();
    expect(tracer.takeCalls()).toEqual(["seq nonsense"]);
  });
});
