import type { HostSystem } from "./connection.ts";

/**
 * A system of which nothing was evaluated: only its store path is known, and perhaps its platform.
 * @param toplevel store path
 * @param platform Nix platform, such as `x86_64-linux`
 */
export function unevaluatedSystem(toplevel: string, platform = "unknown"): HostSystem {
  return {
    toplevel,
    toplevelDerivation: null,
    disko: null,
    diskoDerivation: null,
    diskoWithoutTools: null,
    diskLayout: null,
    traits: null,
    platform,
    installable: null,
    revision: null,
    dirty: false,
  };
}
