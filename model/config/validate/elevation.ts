import type { ConfigError } from "../../errors/config-error.ts";
import type { HostConfig } from "../schema.ts";
import type { StackSettings } from "../stack-settings.ts";

/** Errors of how a host's user becomes root. Only root can install and deploy. */
export function elevationErrors(
  path: string,
  host: HostConfig,
  { defaults, ssh }: StackSettings,
): ConfigError[] {
  const elevate = host.elevate ?? defaults.elevate;
  const user = host.ssh?.user ?? ssh.user;
  if (user === "root") return settingsOfRoot(path, host);
  if (elevate === "none") {
    const reason = `must be "sudo", "run0" or "doas" for user "${user}": only root can install`;
    return [{ path: `${path}.elevate`, reason }];
  }
  const password = host.elevatePassword ?? defaults.elevatePassword;
  if (password === undefined || elevate === undefined || elevate === "sudo") return [];
  return [{ path: `${path}.elevatePassword`, reason: whyNoPassword[elevate] }];
}

const whyNoPassword = {
  doas: 'cannot be combined with `elevate: "doas"`, which reads a password only from a terminal: allow the user with "permit nopass" in doas.conf',
  run0: 'cannot be combined with `elevate: "run0"`, for which polkit asks in a session of its own: allow the user with a polkit rule',
} as const;

/** What is given for all hosts does not concern root; what is given for this one is a mistake. */
function settingsOfRoot(path: string, host: HostConfig): ConfigError[] {
  const instead = "the user is root (name another one by ssh.user";
  const errors: ConfigError[] = [];
  if (host.elevate !== undefined && host.elevate !== "none")
    errors.push({
      path: `${path}.elevate`,
      reason: `must be "none": ${instead}, or leave elevate out)`,
    });
  if (host.elevatePassword !== undefined)
    errors.push({ path: `${path}.elevatePassword`, reason: `does nothing: ${instead})` });
  return errors;
}
