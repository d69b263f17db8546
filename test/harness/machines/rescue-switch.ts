import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { MachinePaths } from "./machine-files.ts";

/** Whether a machine boots its cloud's rescue system next. Its reader is guest/boot.sh, which switches it off with that boot. */
export class RescueSwitch {
  readonly #folder: string;

  constructor(paths: MachinePaths) {
    this.#folder = path.join(paths.hardware, "rescue");
  }

  async arm(keys: readonly string[], until: Date): Promise<void> {
    await this.disarm();
    // A boot that begins meanwhile must not see half of it.
    const unfinished = `${this.#folder}.new`;
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await writeFile(path.join(unfinished, "authorized_keys"), keys.map((key) => `${key}\n`).join(""));
    await writeFile(path.join(unfinished, "until"), `${Math.floor(until.getTime() / 1000)}\n`);
    await rename(unfinished, this.#folder);
  }

  async disarm(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  isArmed(): boolean {
    const until = path.join(this.#folder, "until");
    return existsSync(until) && Number(readFileSync(until, "utf8")) * 1000 > Date.now();
  }
}
