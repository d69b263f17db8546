import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { MachinePaths } from "./machine-files.ts";

/** What happens to an SSH command. `after` and `seconds`: seconds from its start; the command itself goes on where not said otherwise. */
export type CommandFault =
  | { readonly kind: "delay"; readonly seconds: number }
  /** It starts when `clearCommandFaults` is called. */
  | { readonly kind: "hold" }
  /** Not run: ends with this exit code. */
  | { readonly kind: "fail"; readonly exitCode: number }
  /** Its process group is killed. */
  | { readonly kind: "kill"; readonly after: number }
  /** The machine restarts without a word. */
  | { readonly kind: "powerCut"; readonly after: number }
  /** `eth0` goes down until the next boot. */
  | { readonly kind: "dropLink"; readonly after: number };

/** What faults need of a machine. */
interface FaultyMachine {
  readonly paths: MachinePaths;
  console(command: readonly string[], input?: string): Promise<string>;
  setCable(plugged: boolean): Promise<void>;
}

/** Things that go wrong with one machine, on request. They last until undone, over reboots. */
export class MachineFaults {
  readonly #machine: FaultyMachine;
  #rules = 0;

  constructor(machine: FaultyMachine) {
    this.#machine = machine;
  }

  /** Ends sshd and every session; new connections are refused, also after a reboot, until `startSsh`. */
  async stopSsh(): Promise<void> {
    await writeFile(this.#file("sshd-off"), "");
    await this.#machine.console([
      "pkill",
      "-KILL",
      "-f",
      "^(sshd|/usr/sbin/sshd|/usr/lib/openssh/sshd-session)",
    ]);
  }

  async startSsh(): Promise<void> {
    await rm(this.#file("sshd-off"), { force: true });
  }

  /** Pulls the network cable: packets vanish, connections hang. */
  async pullCable(): Promise<void> {
    await this.#machine.setCable(false);
  }

  async plugCable(): Promise<void> {
    await this.#machine.setCable(true);
  }

  /** Fills the file system at `folder` to the last block. */
  async fillDisk(folder: string): Promise<void> {
    await this.#machine.console(["/usr/lib/fleet-machine/guest/fill-disk.sh", `${folder}/.filled`]);
  }

  async emptyDisk(folder: string): Promise<void> {
    await this.#machine.console(["rm", "-f", `${folder}/.filled`]);
  }

  /**
   * Lets a fault strike SSH commands.
   *
   * @param pattern POSIX extended regular expression, found anywhere in the command
   * @param times how often it strikes; default: always
   */
  async onCommand(pattern: string, fault: CommandFault, times?: number): Promise<void> {
    this.#rules += 1;
    const rule = this.#file(`rule-${String(this.#rules).padStart(4, "0")}`);
    // A session that starts meanwhile must not see half a rule.
    const unfinished = this.#file("unfinished");
    await mkdir(unfinished);
    await writeFile(path.join(unfinished, "pattern"), pattern);
    await writeFile(path.join(unfinished, "action"), `${actionLine(fault)}\n`);
    if (times !== undefined) {
      await mkdir(path.join(unfinished, "times"));
      // Sessions of any user take from it.
      await chmod(path.join(unfinished, "times"), 0o777);
      for (let time = 1; time <= times; time += 1) await mkdir(path.join(unfinished, "times", String(time)));
    }
    await rename(unfinished, rule);
  }

  /** Takes back everything `onCommand` has asked for. */
  async clearCommandFaults(): Promise<void> {
    for (let rule = 1; rule <= this.#rules; rule += 1)
      await rm(this.#file(`rule-${String(rule).padStart(4, "0")}`), { recursive: true, force: true });
  }

  #file(name: string): string {
    return path.join(this.#machine.paths.hardware, "faults", name);
  }
}

/** Format: see guest/log-command.sh. */
function actionLine(fault: CommandFault): string {
  switch (fault.kind) {
    case "delay":
      return `delay ${fault.seconds}`;
    case "hold":
      return "hold";
    case "fail":
      return `fail ${fault.exitCode}`;
    case "kill":
      return `kill-after ${fault.after}`;
    case "powerCut":
      return `power-cut-after ${fault.after}`;
    case "dropLink":
      return `drop-link-after ${fault.after}`;
  }
}
