import { z } from "zod";
import { type StackCache, stackCache } from "../platform/stack-cache.ts";

/** Store path that was deployed last to a host, as far as this machine knows. */
export function lastDeployed(host: string): StackCache<string> {
  return stackCache(host, z.string().startsWith("/nix/store/"));
}
