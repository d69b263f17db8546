import { writeFile } from "node:fs/promises";
import path from "node:path";
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
