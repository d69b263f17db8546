import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runNix } from "../../../runtime/nix/run-nix.ts";
import { createWorkspace, shadowNix, type Workspace } from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  workspace.remove();
});

/** `nix eval` that never ends, and says which process it is. */
function endlessEvaluation(): { path: string; pid(): Promise<number> } {
  const file = path.join(workspace.root, ".fleet/eval.pid");
  const script = `case "$*" in *prefetch*) exec "$real_nix" "$@";; esac\necho $$ > '${file}'\nexec sleep 600`;
  return {
    path: shadowNix(workspace, script).path,
    pid: () =>
      vi.waitFor(() => Number(/^(\d+)\n/.exec(readFileSync(file, "utf8"))?.[1] ?? unwritten()), 20_000),
  };
}

function unwritten(): never {
  throw new Error("not written yet");
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s to the program ends Nix, then the program",
  async (signal) => {
    const endless = endlessEvaluation();
    const program = fileURLToPath(new URL("evaluating-program.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", program, workspace.root], {
      env: { ...process.env, PATH: endless.path },
      stdio: "ignore",
    });
    const ended = once(child, "exit");
    const nix = await endless.pid();
    expect(existsSync(`/proc/${nix}`)).toBe(true);
    child.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(existsSync(`/proc/${nix}`)).toBe(false);
  },
);

test("the caller's own signal works beside it, and no listener stays behind", async () => {
  const endless = endlessEvaluation();
  vi.stubEnv("PATH", endless.path);
  const before = process.listenerCount("SIGINT");
  const controller = new AbortController();
  const evaluation = runNix(["eval"], { timeoutSeconds: 60, signal: controller.signal });
  const nix = await endless.pid();
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  controller.abort();
  expect((await evaluation).cancelled).toBe(true);
  expect(existsSync(`/proc/${nix}`)).toBe(false);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
