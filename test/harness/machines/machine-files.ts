import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** Where the parts of a machine lie; also read by tests and by other processes than the one that runs the machine. */
export interface MachinePaths {
  readonly folder: string;
  readonly diskImage: string;
  /** Shared with the machine, where it is /run/fleet-machine/hardware. */
  readonly hardware: string;
  readonly consoleLog: string;
  readonly powerLog: string;
  readonly sshLog: string;
}

/** @param stateDir the world's folder */
export function machinePaths(stateDir: string, id: string): MachinePaths {
  const folder = path.join(stateDir, "machines", id);
  const hardware = path.join(folder, "hardware");
  return {
    folder,
    hardware,
    diskImage: path.join(folder, "disk.img"),
    consoleLog: path.join(folder, "console.log"),
    powerLog: path.join(folder, "power.log"),
    sshLog: path.join(hardware, "ssh.log"),
  };
}

/** Makes the folder that hardware and machine share, with what does not change from boot to boot. */
export async function createHardware(paths: MachinePaths): Promise<void> {
  await mkdir(path.join(paths.hardware, "faults"), { recursive: true });
  // Sessions of any user write to the log and look for faults.
  await mkdir(path.join(paths.hardware, "seed"), { mode: 0o700 });
  await writeFile(paths.sshLog, "");
  await chmod(paths.sshLog, 0o666);
  await writeFile(path.join(paths.hardware, "zero"), "0\n");
  await writeFile(path.join(paths.hardware, "disks"), "");
}

/** What the kernel of the next boot calls itself. */
export async function renewBootId(paths: MachinePaths): Promise<string> {
  const bootId = randomUUID();
  await writeFile(path.join(paths.hardware, "boot-id"), `${bootId}\n`);
  return bootId;
}

const sshCommand = z.strictObject({
  /** Seconds since 1970. */
  time: z.number(),
  user: z.string(),
  /** As the client sent it; null for a login without one. */
  command: z.string().nullable(),
});
export type SshCommand = z.infer<typeof sshCommand>;

/** Every session the machine's sshd has started since it was made, over all boots and rebuilds, in order. */
export async function readSshLog(paths: MachinePaths): Promise<SshCommand[]> {
  // The last line may still be on its way.
  const lines = (await readFile(paths.sshLog, "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => sshCommand.parse(JSON.parse(line)));
}
