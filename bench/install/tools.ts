import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installResultSchema } from "../../model/protocol/install.ts";
import { nixEnvironment } from "../../runtime/nix/environment.ts";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";
import type { BareMachine } from "../../test/integration/install/bare-machine.ts";
import { peakResidentMiB } from "../measure/memory.ts";

/** One way to install NixOS on a stock machine. */
export interface Installer {
  readonly name: string;
  /** @throws Error when it fails */
  install(bare: BareMachine): Promise<void>;
}

const installSeconds = 300;
const sampleMs = 50;

/** Our own command, as Pulumi runs it. @param onPeak told the peak resident memory of each process, in MiB */
export function fleetInstaller(onPeak: (mebibytes: number) => void): Installer {
  return {
    name: "fleet",
    async install({ spec }) {
      const cli = path.join(packageRoot(), "cli", "bin.mjs");
      const child = spawn(process.execPath, [cli, "internal", "install"], { env: nixEnvironment() });
      let stdout = "";
      let stderr = "";
      let peak = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString("utf8");
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
      });
      const timer = setInterval(() => {
        peak = Math.max(peak, peakResidentMiB(child.pid ?? 0));
      }, sampleMs);
      child.stdin.end(JSON.stringify(spec));
      const code = await new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      });
      clearInterval(timer);
      if (code !== 0) throw new Error(`fleet internal install failed:\n${stderr}`);
      const { outcome } = installResultSchema.parse(JSON.parse(stdout));
      if (outcome !== "installed") throw new Error(`fleet says "${outcome}" where "installed" was due`);
      onPeak(peak);
    },
  };
}

/** The same steps by a script of some lines. @param folder for keys */
export function bareInstaller(folder: string): Installer {
  return {
    name: "bare script",
    async install({ spec, userKey }) {
      const { connection, kexecTarball, system } = spec;
      const key = path.join(folder, spec.serverId);
      writeFileSync(key, userKey.privateKey, { mode: 0o600 });
      const program = path.join(packageRoot(), "bench", "install", "bare.sh");
      const args = [connection.address, key, kexecTarball ?? "", system.disko ?? "", system.toplevel];
      const result = await run(program, args, { env: nixEnvironment(), timeoutSeconds: installSeconds });
      if (!result.ok) throw new Error(`bare.sh failed:\n${result.stdout}${result.stderr}`);
    },
  };
}

/** Logins the machine's sshd has let in since it was made. */
export function loginsOf({ machine }: BareMachine): number {
  const log = readFileSync(machine.paths.consoleLog, "utf8");
  return log.match(/Accepted publickey/g)?.length ?? 0;
}
