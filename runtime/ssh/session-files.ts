import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fingerprint } from "./fingerprint.ts";
import { writeJumpFiles } from "./jump-files.ts";
import { knownHosts, type SessionFiles } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** Writes the private keys and `known_hosts` of one session (all 0600) into its private folder. */
export async function writeSessionFiles(target: SshTarget, folder: string): Promise<SessionFiles> {
  const files: SessionFiles = {
    identity: path.join(folder, "id"),
    knownHosts: path.join(folder, "known_hosts"),
    controlSocket: path.join(folder, "c"),
  };
  const key = target.connection.privateKey;
  await writeFile(files.identity, key.endsWith("\n") ? key : `${key}\n`, { mode: 0o600 });
  await writeFile(files.knownHosts, knownHosts(target), { mode: 0o600 });
  const jump = await writeJumpFiles(target, folder, files);
  return jump === undefined ? files : { ...files, jump };
}

/**
 * Holds a session to the one key its machine has shown. When the shared connection breaks, commands connect again, and must not reach
 * another system that the same machine has booted meanwhile, whose key is pinned as well.
 */
export async function pinPresentedKey(
  target: SshTarget,
  files: SessionFiles,
  shownFingerprint: string,
): Promise<void> {
  const hostKeys = target.hostKeys.filter((key) => fingerprint(key) === shownFingerprint);
  if (hostKeys.length === target.hostKeys.length) return;
  await writeFile(files.knownHosts, knownHosts({ ...target, hostKeys }), { mode: 0o600 });
}
