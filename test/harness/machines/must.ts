import { type RunOptions, run } from "../../../runtime/platform/run-command.ts";

/**
 * Runs a program that has to succeed.
 *
 * @returns its standard output without the final newline
 * @throws Error with the command and what it wrote, when it fails or exceeds its deadline (default 30 s)
 */
export async function must(
  command: string,
  args: readonly string[],
  options: Partial<RunOptions> = {},
): Promise<string> {
  const result = await run(command, args, { timeoutSeconds: 30, ...options });
  if (result.ok) return result.stdout;
  const ending = result.timedOut
    ? "exceeded its deadline"
    : `ended with ${result.signal ?? `exit code ${result.exitCode ?? "unknown"}`}`;
  throw new Error(`${[command, ...args].join(" ")} ${ending}: ${result.stderr || result.stdout}`);
}
