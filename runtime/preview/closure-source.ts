import { existsSync } from "node:fs";
import type { Closure } from "../../model/system-diff/closure-diff.ts";
import { runNix } from "../nix/run-nix.ts";
import { parseDeriver, parsePathInfo } from "../nix/store/path-info.ts";
import type { Limits } from "../platform/limits.ts";
import { remoteScriptPath } from "../platform/package-root.ts";
import { run } from "../platform/run-command.ts";
import type { SshSession } from "../ssh/session.ts";
import { parseSystemDescription, type SystemDescription } from "./system-description.ts";

/** Where a system is read: a machine's store, or the local one. */
export interface SystemSource {
  /** Everything it consists of; undefined: it is not whole there, or Nix could not be asked. */
  closure(system: string): Promise<Closure | undefined>;
  /** @param active the units that run there as well */
  description(system: string, active: boolean): Promise<SystemDescription | undefined>;
}

/** The store here, where systems are evaluated as well. */
export interface LocalSystems extends SystemSource {
  /** Derivation a system was built from, if it was built or evaluated on this machine. */
  deriver(system: string): Promise<string | undefined>;
}

/** The store of this machine. */
export function localSystems(limits: Limits): LocalSystems {
  return {
    async deriver(system) {
      if (!existsSync(system)) return undefined;
      const result = await runNix(["path-info", "--json", system], limits);
      return result.ok ? parseDeriver(result.stdout) : undefined;
    },
    async closure(system) {
      // A path that is not there need not be asked for.
      if (!existsSync(system)) return undefined;
      const result = await runNix(["path-info", "--json", "--recursive", system], limits);
      return result.ok ? parsePathInfo(result.stdout) : undefined;
    },
    async description(system) {
      if (!existsSync(system)) return undefined;
      const result = await run("sh", [remoteScriptPath("host/describe-system"), system], limits);
      return result.ok ? parseSystemDescription(result.stdout) : undefined;
    },
  };
}

/** The store of a host. Nothing there needs root. */
export function systemsOf(session: SshSession, limits: Limits): SystemSource {
  const nix = ["nix", "--extra-experimental-features", "nix-command"];
  return {
    async closure(system) {
      const result = await session.run([...nix, "path-info", "--json", "--recursive", system], limits);
      return result.ok ? parsePathInfo(result.stdout) : undefined;
    },
    async description(system, active) {
      const args = active ? [system, "active"] : [system];
      const result = await session.script("host/describe-system", args, limits);
      return result.ok ? parseSystemDescription(result.stdout) : undefined;
    },
  };
}
