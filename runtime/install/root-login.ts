import type { Deadline } from "../platform/deadline.ts";
import { elevationOf } from "../ssh/privilege-command.ts";
import { publicKeyOf } from "../ssh/public-key.ts";
import { ConnectionError, type SshSession, type SshTarget } from "../ssh/session.ts";
import { contact } from "./machine/connect.ts";
import { commandError, type InstallContext, phaseError } from "./machine/phase.ts";
import type { PresentedKey } from "./machine/wipe-guard.ts";

const authorizeSeconds = 20;
const loginSeconds = 30;

/**
 * Whether nixos-anywhere has to log in as root: it uses sudo by itself, and can hand it no password. Other programs it knows only where
 * there is no sudo.
 */
export function needsRootLogin({ connection }: Pick<SshTarget, "connection">): boolean {
  const elevation = elevationOf(connection);
  return elevation !== null && (elevation.tool !== "sudo" || elevation.password !== null);
}

/**
 * Logs in as root on the system that is about to be replaced, after our key was let in there, as nixos-anywhere itself does it for
 * users with sudo.
 * @throws StepError where sshd refuses root
 */
export async function loginAsRoot(
  context: InstallContext,
  session: SshSession,
  shown: PresentedKey,
  limits: Deadline,
): Promise<SshSession> {
  const { connection } = context.spec;
  const key = publicKeyOf(connection.privateKey);
  if (key === undefined) throw new Error("the deploy key of an open session is an OpenSSH key");
  const authorized = await session.script("install/authorize-root", [key], {
    timeoutSeconds: authorizeSeconds,
    signal: context.signal,
    reporter: context.reporter,
    elevate: true,
  });
  if (!authorized.ok) throw commandError(context, "kexec", authorized);
  try {
    const limit = Math.min(loginSeconds, limits.left());
    return (await contact(context, limit, { only: shown, place: "configured", user: "root" })).session;
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw phaseError(
      context,
      "kexec",
      `root cannot log in, as the installer's start needs where "${connection.user}" cannot use sudo without a password: ${error.failure.seen}`,
      "allow root to log in by key for the install (sshd_config: PermitRootLogin prohibit-password); nothing but its authorized keys was changed",
      error,
    );
  }
}
