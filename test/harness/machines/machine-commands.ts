import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("guest/commands/", import.meta.url));
/** Where the machine has its commands; links are resolved there. */
const inMachine = "/usr/lib/fleet-machine/guest/commands";

/** Other names of a command, which looks at the name it is called by. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  reboot: ["poweroff", "halt", "shutdown"],
  partitioner: ["sgdisk", "sfdisk", "fdisk", "parted", "partprobe", "partx", "blockdev", "wipefs"],
};

/**
 * Lays out the folders that are /usr/lib/fleet-machine/bin in each kind of system: `installer`, `stock`, `rescue`, `nixos`.
 *
 * @returns the folder that holds the four
 */
export async function layOutCommands(stateDir: string): Promise<string> {
  const folder = path.join(stateDir, "commands", String(process.pid));
  await rm(folder, { recursive: true, force: true });
  for (const system of ["installer", "stock", "rescue", "nixos"]) {
    await mkdir(path.join(folder, system), { recursive: true });
    for (const set of ["any", system])
      for (const file of await commandsOf(set)) {
        const name = path.basename(file, ".sh");
        for (const alias of [name, ...(aliases[name] ?? [])])
          await symlink(path.join(inMachine, set, file), path.join(folder, system, alias));
      }
  }
  return folder;
}

async function commandsOf(set: string): Promise<string[]> {
  const sets = await readdir(source);
  return sets.includes(set) ? (await readdir(path.join(source, set))).sort() : [];
}
