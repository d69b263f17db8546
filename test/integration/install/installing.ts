import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFailed, type TestContext } from "vitest";
import { runInstall } from "../../../cli/internal/install.ts";
import type { InstallResult, InstallSpec } from "../../../model/protocol/install.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";

/** Runs an install in this process. */
export async function install(spec: InstallSpec, lines: string[] = []): Promise<InstallResult> {
  const signal = new AbortController().signal;
  return await runInstall(JSON.stringify(spec), { signal, write: (line) => lines.push(line) });
}

/** Message of an install that must fail. */
export async function refusal(spec: InstallSpec, lines: string[] = []): Promise<string> {
  const outcome = await install(spec, lines).catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome.message;
  throw new Error(`the install did not fail: ${JSON.stringify(outcome)}`);
}

/** An install in a process of its own, to be killed. */
export interface InstallProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Standard error so far. */
  said(): string;
  /** Waits until a progress line matches. */
  until(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

export function startInstall(spec: InstallSpec): InstallProcess {
  const program = path.join(import.meta.dirname, "run-install.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program]);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  child.stdin.end(JSON.stringify(spec));
  return {
    child,
    said: () => stderr,
    ended: new Promise((resolve) => child.once("exit", resolve)),
    async until(pattern) {
      for (let waited = 0; !pattern.test(stderr); waited += 20) {
        if (child.exitCode !== null || waited > 120_000)
          throw new Error(`never said ${String(pattern)}: ${stderr}`);
        await sleep(20);
      }
    },
  };
}

/** How often the disks were formatted. */
export async function formattings(machine: TestMachine): Promise<number> {
  const commands = await machine.sshCommands();
  return commands.filter(({ command }) => /^\/nix\/store\/\S+-disko$/.test(command ?? "")).length;
}

/** Runs a command on the installed machine and returns its output. */
export async function onInstalled(spec: InstallSpec, command: string): Promise<string> {
  const session = await openSession(
    { host: spec.host, connection: spec.connection, hostKeys: [spec.hostKey.publicKey] },
    { timeoutSeconds: 20 },
  );
  try {
    return (await session.run(["sh", "-c", command], { timeoutSeconds: 20 })).stdout;
  } finally {
    await session.close();
  }
}

/**
 * Shows the machine's console when the test fails.
 * @param onFailure of the test's context, where tests run side by side
 */
export function showConsoleOnFailure(
  machine: TestMachine,
  onFailure: TestContext["onTestFailed"] = onTestFailed,
): void {
  onFailure(() => {
    const lines = readFileSync(machine.paths.consoleLog, "utf8").split("\n");
    console.log(lines.filter((line) => !/Accepted|isconnect/.test(line)).join("\n"));
  });
}
