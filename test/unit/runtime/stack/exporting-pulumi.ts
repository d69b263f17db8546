import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A `pulumi` of a test's own, which only exports the state of one stack. */
export interface ExportingPulumi {
  /** Folder of its own, which is removed with it. */
  readonly folder: string;
  /** PATH on which it is found first. */
  readonly path: string;
  /** What it was called with, each time. */
  readonly calls: () => string[];
}

/** Prints `state` for `stack`; asked for anything else it fails, with its arguments as the reason. */
export function exportingPulumi(stack: string, state: string): ExportingPulumi {
  const folder = mkdtempSync(path.join(tmpdir(), "fleet-pulumi-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const calls = path.join(folder, "calls");
  appendFileSync(calls, "");
  writeFileSync(path.join(folder, "state.json"), state);
  const script = `#!/bin/sh
cd '${folder}' && echo "$*" >> calls
[ "$*" = "stack export --non-interactive --stack ${stack}" ] || { echo "$*" >&2; exit 1; }
cat state.json
`;
  writeFileSync(path.join(folder, "pulumi"), script);
  chmodSync(path.join(folder, "pulumi"), 0o755);
  return {
    folder,
    path: `${folder}:${process.env["PATH"] ?? ""}`,
    calls: () => readFileSync(calls, "utf8").split("\n").slice(0, -1),
  };
}
