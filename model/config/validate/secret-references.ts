import type { HostConfig, HostSettings } from "../schema.ts";
import type { SecretReference } from "../settings/secrets.ts";
import type { HopConfig } from "../settings/ssh.ts";

/** Every setting of the hosts, and of what the stack says for all of them, that names a secret. */
export function secretReferences(
  hosts: Readonly<Record<string, HostConfig>>,
  stack: { readonly defaults: HostSettings; readonly ssh: { readonly jump: readonly HopConfig[] } },
): SecretReference[] {
  const { defaults, ssh } = stack;
  const ofHosts = Object.entries(hosts).flatMap(([host, settings]) => [
    ...Object.entries(settings.diskKeys ?? {}).map(([file, name]) => ({
      path: ["hosts", host, "diskKeys", file],
      name,
    })),
    ...keysOfHops(["hosts", host, "ssh"], settings.ssh?.jump ?? []),
    ...password(["hosts", host], settings),
    ...signingKey(["hosts", host], settings),
  ]);
  const ofAll = [...password(["defaults"], defaults), ...signingKey(["defaults"], defaults)];
  return [...ofHosts, ...ofAll, ...keysOfHops(["ssh"], ssh.jump)];
}

function password(
  path: readonly PropertyKey[],
  { elevatePassword }: Pick<HostSettings, "elevatePassword">,
): SecretReference[] {
  return elevatePassword === undefined ? [] : [{ path: [...path, "elevatePassword"], name: elevatePassword }];
}

function signingKey(path: readonly PropertyKey[], { cache }: Pick<HostSettings, "cache">): SecretReference[] {
  return cache?.signingKey === undefined
    ? []
    : [{ path: [...path, "cache", "signingKey"], name: cache.signingKey }];
}

function keysOfHops(path: readonly PropertyKey[], jump: readonly HopConfig[]): SecretReference[] {
  return jump.flatMap(({ key }, index) =>
    key === undefined ? [] : [{ path: [...path, "jump", index, "key"], name: key }],
  );
}
