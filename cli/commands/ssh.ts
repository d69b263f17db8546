import { execa } from "execa";
import { readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { openSession } from "../../runtime/ssh/session.ts";

const contactSeconds = 30;

/**
 * Logs in to a host, or runs a command there: pinned host key, the stack's deploy key, no agent, no user configuration.
 * @returns the remote exit code
 */
export async function ssh(
  selection: StackSelection,
  host: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const target = sshTarget(await readStackOutputs(selection), host);
  await using session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
  const result = await execa("ssh", [...session.options, session.destination, ...command], {
    stdio: "inherit",
    reject: false,
    cancelSignal: signal,
    // A shared connection's client may take its time for SIGTERM.
    forceKillAfterDelay: 1000,
    // Otherwise we would die of the signal ourselves, and leave the keys of the session behind.
    cleanup: false,
  });
  return result.exitCode ?? 255;
}
