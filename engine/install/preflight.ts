import type { InstallSpec } from "../../fleet/protocol/install.ts";
import type { Observation } from "./observation.ts";

/** Faults that make an install pointless, found before the machine is touched; empty when there is none. */
export function preflight(seen: Observation, spec: InstallSpec): string[] {
  const faults: string[] = [];
  const architecture = spec.system.platform.replace(/-linux$/, "");
  if (seen.architecture !== architecture)
    faults.push(`the system is built for ${spec.system.platform}, the machine is ${seen.architecture}`);
  if (spec.system.disko === null)
    faults.push("the configuration has no disk layout (config.system.build.diskoScript)");
  if (!seen.root) faults.push(`user "${spec.connection.user}" may not become root by sudo`);
  return faults;
}
