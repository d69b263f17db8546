import type { HopConfig } from "./login-settings.ts";
import type { HostConfig } from "./schema.ts";
import type { SecretReference } from "./secrets.ts";

/** Every setting of the hosts and of the stack's \`ssh\` that names a secret. */
export function secretReferences(
  hosts: Readonly<Record<string, HostConfig>>,
  ssh: { readonly jump: readonly HopConfig[] },
): SecretReference[] {
  const ofHosts = Object.entries(hosts).flatMap(([host, settings]) => [
    ...Object.entries(settings.luks ?? {}).map(([file, name]) => ({
      path: ["hosts", host, "luks", file],
      name,
    })),
    ...keysOfHops(["hosts", host, "ssh"], settings.ssh?.jump ?? []),
  ]);
  return [...ofHosts, ...keysOfHops(["ssh"], ssh.jump)];
}

function keysOfHops(path: readonly PropertyKey[], jump: readonly HopConfig[]): SecretReference[] {
  return jump.flatMap(({ key }, index) =>
    key === undefined ? [] : [{ path: [...path, "jump", index, "key"], name: key }],
  );
}
