import { fileURLToPath } from "node:url";
import type { MachineSpec } from "./contract.ts";
import type { MachinePaths } from "./machine-files.ts";
import { lentPrograms } from "./machine-programs.ts";
import type { MachineRoot } from "./machine-root.ts";

const bootScript = fileURLToPath(new URL("guest/boot.sh", import.meta.url));

/**
 * Command line that boots a machine in namespaces of its own, and ends with the process that runs it.
 *
 * @param place.commands from `layOutCommands`
 * @param network path of its network namespace
 */
export function bootCommand(
  spec: MachineSpec,
  place: { readonly root: MachineRoot; readonly paths: MachinePaths; readonly commands: string },
  network: string,
): readonly string[] {
  const namespaces = ["--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"];
  const { root, paths, commands } = place;
  return [
    ...["setpriv", "--pdeathsig", "KILL", "nsenter", `--net=${network}`],
    ...["unshare", ...namespaces, "--propagation=private"],
    ...["bash", bootScript, paths.folder, root.base, root.nix, commands],
    ...[spec.hostname, `${spec.memoryMiB}`, lentPrograms()],
  ];
}
