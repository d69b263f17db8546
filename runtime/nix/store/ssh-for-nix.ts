import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import which from "which";
import { packageRoot } from "../../platform/package-root.ts";
import { elevationOf } from "../../ssh/privilege-command.ts";
import type { SshSession } from "../../ssh/target.ts";
import { nixEnvironment } from "../environment.ts";

/** How Nix reaches the store of a target. */
export interface SshForNix {
  /** Variables for the Nix process. Not as settings of the user's shell: they would break remote builders. */
  readonly environment: Readonly<Record<string, string>>;
  /** Setting `remote-program` of the store; null: its default. */
  readonly remoteProgram: string | null;
}

/**
 * Lets Nix use a session's connection. Only root may say to a target's daemon that signatures do not matter, so for any other user
 * a daemon of root's is started there, behind an `ssh` of ours (`shim/ssh.sh`).
 * @throws StepError where the user does not become root
 */
export async function sshForNix(session: SshSession): Promise<SshForNix> {
  const direct = { NIX_SSHOPTS: sshOptions(session) };
  if (elevationOf(session.target.connection) === null) return { environment: direct, remoteProgram: null };
  const { command, ahead } = await session.asRoot(["nix-daemon"]);
  const ssh = await which("ssh", { nothrow: true });
  if (ssh === null) throw new Error("a session is open, and there is no ssh program");
  // Goes with the session, like the key next to it.
  const folder = await mkdtemp(path.join(path.dirname(session.identityFile), "nix-"));
  const aheadFile = path.join(folder, "ahead");
  await writeFile(aheadFile, ahead, { mode: 0o600 });
  await mkdir(path.join(folder, "bin"));
  await symlink(
    path.join(packageRoot(), "runtime", "nix", "store", "shim", "ssh.sh"),
    path.join(folder, "bin", "ssh"),
  );
  const { PATH = "" } = nixEnvironment();
  return {
    environment: {
      ...direct,
      PATH: `${path.join(folder, "bin")}${path.delimiter}${PATH}`,
      FLEET_SHIM_SSH: ssh,
      FLEET_SHIM_NIX_DAEMON: command,
      FLEET_SHIM_AHEAD: aheadFile,
    },
    remoteProgram: "fleet-nix-daemon",
  };
}

/** Nix splits NIX_SSHOPTS at white space, older versions without any quoting. */
function sshOptions(session: SshSession): string {
  const spaced = session.options.find((option) => /\s/.test(option));
  if (spaced !== undefined)
    throw new Error(`an SSH option for Nix can't hold white space: ${JSON.stringify(spaced)}`);
  return session.options.join(" ");
}
