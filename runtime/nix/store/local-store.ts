import type { Limits } from "../../platform/limits.ts";
import { runNix } from "../run-nix.ts";

/** Whether a path is whole and registered in the local store; nothing is built or fetched for it. */
export async function isValidPath(storePath: string, limits: Limits): Promise<boolean> {
  const { ok } = await runNix(["path-info", "--offline", storePath], limits);
  return ok;
}
