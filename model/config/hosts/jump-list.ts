import type { HostConfig } from "../schema.ts";
import type { HopConfig } from "../settings/ssh.ts";

/** What the jump path to a host follows from. */
export interface JumpSettings {
  readonly hosts: Readonly<Record<string, Pick<HostConfig, "ssh">>>;
  readonly ssh: { readonly user: string; readonly jump: readonly HopConfig[] };
}

/** The list that holds for a host: its own, or what the stack's means for it. */
export function jumpListOf(name: string, { hosts, ssh }: JumpSettings): readonly HopConfig[] {
  const own = hosts[name]?.ssh?.jump;
  if (own !== undefined) return own;
  const self = ssh.jump.findIndex((hop) => hop.host === name);
  return self === -1 ? ssh.jump : ssh.jump.slice(0, self);
}
