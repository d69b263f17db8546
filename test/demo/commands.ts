import { once } from "node:events";
import path from "node:path";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { joinWorld } from "../harness/machines/world.ts";
import type { Narrator } from "./narrator.ts";

const addressSchema = z.object({ web: z.object({ address: z.string() }) });

/** Runs commands in the demo's world and project. */
export interface DemoShell {
  readonly world: number;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a program with this terminal. @returns its exit code */
export async function runHere(shell: DemoShell, command: readonly string[]): Promise<number> {
  const child = joinWorld(shell.world, command, {
    cwd: shell.folder,
    environment: shell.environment,
    stdio: "inherit",
  });
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 130;
}

/** Runs a program with this terminal. @throws Error when it fails */
export async function must(shell: DemoShell, command: readonly string[]): Promise<void> {
  const code = await runHere(shell, command);
  if (code !== 0) throw new Error(`${command.slice(0, 2).join(" ")} ended with exit code ${code}`);
}

/** The `fleet` command of this repository, as `npx fleet` would run it in a project. */
export function fleetCommandLine(...args: string[]): string[] {
  return [process.execPath, path.join(packageRoot(), "cli", "bin.mjs"), "--stack", "demo", ...args];
}

/** Runs a program and returns what it prints; throws with its words if it fails. */
export async function capture(shell: DemoShell, command: readonly string[]): Promise<string> {
  const child = joinWorld(shell.world, command, {
    cwd: shell.folder,
    environment: shell.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(`${command.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

const pageProgram = `
const answer = await fetch(process.argv[1], { signal: AbortSignal.timeout(10_000) });
process.stdout.write(await answer.text());
`;

/** What a web server in the world answers. */
async function fetchPage(shell: DemoShell, url: string): Promise<string> {
  const text = await capture(shell, [process.execPath, "--input-type=module", "-e", pageProgram, url]);
  return text.trim();
}

/** Shows what web answers. */
export async function showPage(shell: DemoShell, narrator: Narrator): Promise<void> {
  const outputs = await capture(shell, ["pulumi", "stack", "output", "hosts", "--json", "--stack", "demo"]);
  const { address } = addressSchema.parse(JSON.parse(outputs)).web;
  narrator.command(`curl http://${address}/`);
  narrator.show(await fetchPage(shell, `http://${address}/`));
}
