import { readFile } from "node:fs/promises";
import { remoteScriptPath } from "../package-root.ts";
import { type RunResult, run } from "../process/run.ts";
import { sshEnvironment } from "../ssh/environment.ts";
import { precededBy } from "../ssh/root-command.ts";
import type { RemoteRunOptions, SshSession } from "../ssh/session.ts";

/**
 * Runs `engine/remote/<name>.sh` as root over a connection of its own. An established connection says nothing about a host:
 * a firewall lets it live on while it refuses every new one.
 */
export async function scriptOverFreshConnection(
  session: SshSession,
  name: string,
  args: readonly string[],
  options: Omit<RemoteRunOptions, "elevate">,
): Promise<RunResult> {
  const text = await readFile(remoteScriptPath(name), "utf8");
  return await overFreshConnection(session, ["sh", "-c", text, `fleet-${name}`, ...args], options);
}

/** Runs argv as root over a connection of its own. */
export async function overFreshConnection(
  session: SshSession,
  argv: readonly string[],
  options: Omit<RemoteRunOptions, "elevate">,
): Promise<RunResult> {
  const { command, ahead } = await session.asRoot(argv);
  const ssh = [...session.fresh, "-o", "LogLevel=ERROR", "-T", session.destination, command];
  const input = precededBy(ahead, options.input);
  return run("ssh", ssh, { env: sshEnvironment(), ...options, ...(input === undefined ? {} : { input }) });
}
