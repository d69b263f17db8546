import { execa } from "execa";
import { openSession } from "../../engine/ssh/session.ts";
import { readStackOutputs, type StackSelection, sshTarget } from "../../engine/stack/outputs.ts";

const contactSeconds = 30;

/**
 * Logs in to a host, or runs a command there: pinned host key, the stack's deploy key, no agent, no user configuration.
 * @returns the remote exit code
 */
export async function ssh(
  selection: StackSelection,
  host: string,
  command: readonly string[],
): Promise<number> {
  const target = sshTarget(await readStackOutputs(selection), host);
  const session = await openSession(target, { deadlineSeconds: contactSeconds });
  try {
    const result = await execa("ssh", [...session.options, session.destination, ...command], {
      stdio: "inherit",
      reject: false,
    });
    return result.exitCode ?? 255;
  } finally {
    await session.close();
  }
}
