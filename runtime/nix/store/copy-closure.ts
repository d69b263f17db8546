import type { Limits } from "../../platform/limits.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/target.ts";
import { describeNixError } from "../nix-error.ts";
import { runNix } from "../run-nix.ts";
import { sshForNix } from "./ssh-for-nix.ts";

export interface CopyOptions extends Limits {
  /** Let the target fetch what its own binary caches have. */
  readonly substituteOnDestination: boolean;
  /** Root of the store on the target, such as `/mnt` for a system that is being installed; default: the target's own store. */
  readonly root?: string;
}

/**
 * Copies store paths with all they refer to; what is there already is skipped. A derivation (`.drv`) is copied as itself, for a build
 * on the target.
 *
 * Signatures are not asked for: the connection is verified, and a user who may deploy may run anything. Only root may say so to the
 * target's daemon, so any other user starts one of root's.
 * @throws StepError step "copy", or "becoming root"
 */
export async function copyClosure(
  paths: readonly string[],
  session: SshSession,
  options: CopyOptions,
): Promise<void> {
  if (paths.length === 0) return;
  const substitute = options.substituteOnDestination ? ["--substitute-on-destination"] : [];
  const { environment, remoteProgram } = await sshForNix(session);
  const url = storeUrl(session, { program: remoteProgram, root: options.root ?? null });
  const args = ["copy", "--no-check-sigs", ...substitute, "--to", url, ...paths];
  const result = await runNix(args, options, environment);
  if (!result.ok) throw copyError(result, session, options);
}

/** Nix store URL of the target (Nix manual, "Experimental SSH Store"); the name is the session's alias, so IPv6 and ports do not matter. */
function storeUrl(
  session: SshSession,
  { program, root }: { readonly program: string | null; readonly root: string | null },
): string {
  const settings = [
    ...(program === null ? [] : [["remote-program", program] as const]),
    ...(root === null ? [] : [["remote-store", `local?root=${root}`] as const]),
  ].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `ssh-ng://${session.destination}${settings.length === 0 ? "" : `?${settings.join("&")}`}`;
}

function copyError(result: RunResult, session: SshSession, options: CopyOptions): StepError {
  const { host, connection } = session.target;
  const described = describeNixError(result, options);
  return new StepError({
    host,
    step: "copy",
    next: hint(result.stderr, connection.user),
    ...described,
    seen: [...targetsWords(result.stderr), described.seen].join("\n"),
    log: options.reporter?.logFile,
  });
}

/** What ssh, sudo or a shell on the target said before Nix noticed: usually the cause. */
function targetsWords(stderr: string): string[] {
  const before = stderr.split(/^error: /m)[0] ?? "";
  const lines = before.split("\n").filter((line) => line.trim() !== "");
  return lines.filter((line) => !/^(copying |warning: |\[)/.test(line)).slice(-3);
}

function hint(stderr: string, user: string): string {
  if (/lacks a (valid )?signature/.test(stderr))
    return `Connect as root, or make "${user}" a trusted user of Nix on that host.`;
  if (/No space left on device/.test(stderr))
    return "Free space on the host: `nix-collect-garbage` there, which keeps the generations needed to roll back.";
  if (/nix-daemon: (command )?not found/.test(stderr))
    return "The target needs Nix on the PATH of a non-interactive shell.";
  return "Check the connection to the host, then run it again: what was copied stays.";
}
