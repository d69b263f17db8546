import type { Connection, SystemTraits } from "../../../model/protocol/connection.ts";

/**
 * Why no login to the installed system is possible; empty when we can log in, as far as the configuration shows.
 * @param traits null: nothing is known of the configuration
 */
export function lockoutErrors(
  traits: SystemTraits | null,
  { port, user, elevation }: Pick<Connection, "port" | "user" | "elevation">,
): string[] {
  if (traits === null) return [];
  const { enable, ports, open, users, refused } = traits.ssh;
  const errors: string[] = [];
  if (!enable) errors.push("the system has no SSH (services.openssh.enable)");
  else if (!ports.includes(port))
    errors.push(
      `the system's SSH listens on ${ports.join(", ") || "no port"} (services.openssh.ports), and the stack connects to ${port}`,
    );
  else if (open !== null && !open.includes(port))
    errors.push(
      `the system's firewall blocks SSH: port ${port} is not open (networking.firewall.allowedTCPPorts)`,
    );
  if (users !== null && !users.includes(user))
    errors.push(
      `the system has no authorized key for user "${user}" (users.users.${user}.openssh.authorizedKeys.keys)`,
    );
  else if (refused?.includes(user) === true)
    errors.push(
      user === "root"
        ? 'the system\'s SSH refuses root (services.openssh.settings.PermitRootLogin, AllowUsers, DenyUsers): "prohibit-password" is enough'
        : `the system's SSH refuses user "${user}" (services.openssh.settings.AllowUsers, DenyUsers)`,
    );
  const { administrators } = traits;
  // Of other ways than sudo without a password the configuration is not asked.
  const asked = elevation === undefined || (elevation.tool === "sudo" && elevation.password === null);
  if (asked && administrators !== null && !administrators.includes(user))
    errors.push(
      `user "${user}" may not become root there without a password (users.users.${user}.extraGroups = [ "wheel" ] and security.sudo.wheelNeedsPassword = false)`,
    );
  return errors.map((error) => `lock-out: ${error}`);
}
