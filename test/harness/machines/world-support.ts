import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";

/** What processes of a world can read about it, in /run/fleet-world.json. */
export const worldDescription = z.strictObject({
  id: z.string(),
  /** Folder that holds the world's machines and volumes. */
  stateDir: z.string(),
});
export type WorldDescription = z.infer<typeof worldDescription>;

export const worldDescriptionPath = "/run/fleet-world.json";

/** Whether a world can be had on this machine; `reason` is one line for the user. */
export type WorldSupport = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const programs = [
  "unshare",
  "nsenter",
  "setpriv",
  "flock",
  "mount",
  "pivot_root",
  "losetup",
  "blkid",
  "partx",
];

/** Looks for what a world needs: Linux, root, namespaces, a few programs. Changes nothing. */
export function worldSupport(): WorldSupport {
  if (process.platform !== "linux")
    return { ok: false, reason: `test machines need Linux (this is ${process.platform})` };
  if (process.getuid?.() !== 0) return { ok: false, reason: "test machines need root: run it with sudo" };
  const missing = programs.filter(
    (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error !== undefined,
  );
  if (missing.length > 0)
    return {
      ok: false,
      reason: `test machines need ${missing.join(", ")}: install util-linux and mount`,
    };
  const attempt = spawnSync("unshare", ["--net", "--mount", "--pid", "--fork", "true"], { encoding: "utf8" });
  if (attempt.status !== 0)
    return { ok: false, reason: `this kernel or container refuses namespaces: ${attempt.stderr.trim()}` };
  return { ok: true };
}

/**
 * The world this process runs in. Call it before anything that sends to the machines' addresses: outside a world such
 * packets would leave for the real network.
 *
 * @throws Error outside a world
 */
export function requireWorld(): WorldDescription {
  let text: string;
  try {
    text = readFileSync(worldDescriptionPath, "utf8");
  } catch (cause) {
    throw new Error(
      "this must run inside a world: npx tsx test/harness/machines/enter.ts -- <command>, see docs/testing.md",
      { cause },
    );
  }
  return worldDescription.parse(JSON.parse(text));
}
