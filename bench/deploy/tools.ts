import { spawn } from "node:child_process";
import path from "node:path";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { deployResultSchema } from "../../model/protocol/deploy.ts";
import { nixEnvironment } from "../../runtime/nix/environment.ts";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";
import { peakResidentMiB } from "../measure/memory.ts";
import type { Distance, Target } from "./targets.ts";

/** One way to bring a system onto a machine. */
export interface Tool {
  readonly name: string;
  /** @throws Error when it fails, or did something else than was due */
  deploy(target: Target, wanted: HostSystem, distance: Distance): Promise<void>;
}

const deploySeconds = 300;
/** The peak that the kernel keeps cannot be missed but for what comes after the last look. */
const sampleMs = 100;
const cli = path.join(packageRoot(), "cli", "bin.mjs");

/** Our own command, as Pulumi runs it. @param onPeak told the peak resident memory of each process, in MiB */
export function fleet(onPeak: (mebibytes: number) => void = () => {}): Tool {
  return {
    name: "fleet",
    async deploy(target, wanted, distance) {
      const due = target.running.toplevel === wanted.toplevel ? "unchanged" : "deployed";
      const { line, peak } = await runFleet(JSON.stringify(target.spec(wanted, distance)));
      const { outcome } = deployResultSchema.parse(JSON.parse(line));
      if (outcome !== due) throw new Error(`fleet says "${outcome}" where "${due}" was due`);
      onPeak(peak);
    },
  };
}

/** Runs `fleet internal deploy`. @throws Error with what it said when it fails */
export async function runFleet(input: string): Promise<{ readonly line: string; readonly peak: number }> {
  const child = spawn(process.execPath, [cli, "internal", "deploy"], {
    env: nixEnvironment(),
    timeout: deploySeconds * 1000,
  });
  let line = "";
  let said = "";
  let peak = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    line += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const timer = setInterval(() => {
    peak = Math.max(peak, peakResidentMiB(child.pid ?? 0));
  }, sampleMs);
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`fleet internal deploy failed:\n${said}`);
  return { line, peak };
}

/** One of the scripts beside this file. */
export function script(name: string): Tool {
  const program = path.join(packageRoot(), "bench", "deploy", `${name}.sh`);
  return {
    name,
    async deploy(target, wanted, distance) {
      const args = [target.sshConfig(distance), target.address, target.running.toplevel, wanted.toplevel];
      const result = await run(program, args, { env: nixEnvironment(), timeoutSeconds: deploySeconds });
      if (!result.ok) throw new Error(`${name}.sh failed:\n${result.stdout}${result.stderr}`);
    },
  };
}
