import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { type Origin, origins, type SetUpContext } from "../../../harness/toolchain/component.ts";

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "toolchain-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script, and its folders. */
export function writeProgram(file: string, body: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A context that looks nowhere but in the given folders; the vendor is out of reach. */
export function contextIn(
  folder: string,
  options: {
    path?: readonly string[];
    home?: string;
    allowed?: readonly Origin[];
    signal?: AbortSignal;
  } = {},
): SetUpContext {
  return {
    folder,
    environment: {
      PATH: (options.path ?? []).join(path.delimiter),
      HOME: options.home ?? path.join(folder, "no-home"),
    },
    allowed: new Set(options.allowed ?? origins),
    signal: options.signal ?? new AbortController().signal,
    ready: new Map(),
    vendorReachable: async () => false,
  };
}
