import path from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";

const bin = path.join(packageRoot(), "cli", "bin.mjs");

async function internal(...args: string[]): Promise<{ stderr: string; stdout: string; exitCode?: number }> {
  return await execa(process.execPath, [bin, "internal", ...args], { reject: false, input: "{}" });
}

describe("what the Pulumi program runs", () => {
  it.each(["attach-volume", "deploy", "detach-volume", "gate", "install", "scan-host-key", "take-over"])(
    "%s refuses what is not a specification, and prints no result",
    async (command) => {
      const { exitCode, stdout, stderr } = await internal(command);
      expect(stderr).toContain("standard input is not what this version expects");
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    },
    60_000,
  );

  it.each([[[]], [["toString"]], [["deploy", "again"]]])(
    "a command that does not exist is an error: %j",
    async (words) => {
      const { exitCode, stderr } = await internal(...words);
      expect(stderr).toContain(
        "is not a command: must be one of attach-volume, deploy, detach-volume, gate, install, scan-host-key, take-over",
      );
      expect(exitCode).toBe(1);
    },
    60_000,
  );
});
