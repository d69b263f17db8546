import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, closeSync, openSync } from "node:fs";
import type { PowerState } from "./contract.ts";
import { childrenOf, killTree } from "./kill-tree.ts";

/** How the machine that hangs on a power supply is started. */
export interface Load {
  /** Command line of process 1 of the machine's boot; the namespaces are made by it. */
  readonly command: readonly string[];
  readonly consoleLog: string;
  readonly powerLog: string;
  /** What firmware takes before a restarted machine boots, in milliseconds. */
  readonly bootDelayMs: number;
  /** Called before each boot. */
  prepareBoot(): Promise<void>;
}

/** Power, reset and the firmware's reaction to how a system ended. A running machine never outlives this process. */
export class PowerSupply {
  readonly #load: Load;
  #on = false;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  /** Counts cuts: a boot that was begun before the last one must not go on. */
  #cuts = 0;

  constructor(load: Load) {
    this.#load = load;
  }

  get state(): PowerState {
    return this.#on ? "running" : "off";
  }

  /** Process 1 of the running system, in our namespace; undefined while there is none. */
  get init(): number | undefined {
    const outer = this.#child?.pid;
    return outer === undefined ? undefined : childrenOf(outer)[0];
  }

  async turnOn(): Promise<void> {
    if (this.#on) return;
    this.#on = true;
    this.#log("power on");
    await this.#boot();
  }

  /** Everything running is gone when this resolves. */
  async turnOff(): Promise<void> {
    if (!this.#on) return;
    this.#log("power off");
    await this.#cut();
  }

  /** A restart without asking the system. */
  async reset(): Promise<void> {
    this.#log("reset");
    await this.#cut();
    this.#on = true;
    this.#bootLater();
  }

  /** The power button: a word to the system, and the plug after the grace time. */
  async press(graceMs: number): Promise<void> {
    const child = this.#child;
    const init = this.init;
    if (!this.#on) return;
    this.#log("power button");
    if (child !== undefined && init !== undefined) {
      const ended = once(child, "exit", { signal: AbortSignal.timeout(graceMs) });
      process.kill(init, "SIGPWR");
      await ended.catch(() => this.#log("the system did not shut down in time"));
    }
    await this.turnOff();
  }

  async #cut(): Promise<void> {
    this.#on = false;
    this.#cuts += 1;
    clearTimeout(this.#restart);
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined) await killTree(child);
  }

  async #boot(): Promise<void> {
    const before = this.#cuts;
    await this.#load.prepareBoot();
    if (!this.#on || this.#cuts !== before) return;
    const console = openSync(this.#load.consoleLog, "a");
    const [program = "", ...args] = this.#load.command;
    this.#log("boot");
    const child = spawn(program, args, { stdio: ["ignore", console, console], detached: true });
    closeSync(console);
    this.#child = child;
    child.once("error", (error) => this.#log(`cannot start: ${error.message}`));
    child.once("exit", (code, signal) => this.#ended(child, code, signal));
    await once(child, "spawn");
  }

  /** In a pid namespace the kernel ends process 1 by SIGHUP for a restart and by SIGINT for a power-off (reboot(2)). */
  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    if (signal === "SIGHUP" || code === 129) {
      this.#log("restart by the system");
      this.#bootLater();
    } else {
      this.#on = false;
      const wanted = signal === "SIGINT" || code === 130;
      this.#log(wanted ? "power off by the system" : `system died: ${signal ?? `exit code ${code}`}`);
    }
  }

  #bootLater(): void {
    this.#restart = setTimeout(() => {
      this.#boot().catch((error: unknown) => this.#log(`cannot boot: ${error}`));
    }, this.#load.bootDelayMs);
  }

  #log(event: string): void {
    appendFileSync(this.#load.powerLog, `${(Date.now() / 1000).toFixed(3)} ${event}\n`);
  }
}
