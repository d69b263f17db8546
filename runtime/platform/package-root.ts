import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the pulumi-nixos package, whether this code runs from its sources or from the bundle in `dist/`. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, "Pulumi.yaml"))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new Error(`no Pulumi.yaml above ${fileURLToPath(import.meta.url)}: the package is incomplete`);
    folder = parent;
  }
  return folder;
}

/** Path of a shell program that runs on a target, such as `host/reboot` → `runtime/remote/host/reboot.sh`. */
export function remoteScriptPath(name: string): string {
  return path.join(packageRoot(), "runtime", "remote", `${name}.sh`);
}

/** What a remote script is called among the processes of a host: `fleet-<name without folder>`. */
export function remoteProcessName(name: string): string {
  return `fleet-${path.basename(name)}`;
}
