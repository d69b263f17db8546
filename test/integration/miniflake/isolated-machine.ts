import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { loadMachineRoot } from "../../harness/machines/machine-root.ts";

const isolated = fileURLToPath(new URL("isolated.sh", import.meta.url));

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place that looks like a freshly booted machine to the activation programs: see isolated.sh. */
export interface IsolatedMachine {
  /** Runs a command in it and waits for its end, 60 seconds at most. */
  run(command: string, ...args: readonly string[]): Promise<Outcome>;
  /** Content of a file in it. */
  read(file: string): Promise<string>;
  /** Ends every process in it and forgets it. */
  close(): Promise<void>;
}

/** Starts one; needs root. */
export async function startIsolatedMachine(): Promise<IsolatedMachine> {
  const { base } = await loadMachineRoot();
  const holder = spawn("bash", [isolated, base, "sh", "-c", "echo ready; exec sleep infinity"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: holder.stdout }), "line"),
    once(holder, "exit"),
  ]);
  if (line !== "ready") throw new Error(`isolated.sh ended with ${String(line)}`);
  const pid = String(holder.pid);
  const inside = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();

  const run = async (command: string, ...args: readonly string[]): Promise<Outcome> => {
    const { exitCode, stdout, stderr } = await execa(
      "nsenter",
      ["--target", inside, "--mount", "--pid", "--uts", "--net", "--root", "--wd", "--", command, ...args],
      {
        reject: false,
        timeout: 60_000,
        stdin: "ignore",
        env: { PATH: "/usr/sbin:/usr/bin" },
      },
    );
    return { exitCode, stdout, stderr };
  };
  return {
    run,
    async read(file) {
      const { exitCode, stdout, stderr } = await run("cat", file);
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    },
    async close() {
      const ended = once(holder, "exit");
      holder.kill("SIGKILL");
      await ended;
    },
  };
}
