import type { HostConfig } from "./schema.ts";
import type { SecretReference } from "./secrets.ts";

/** Every setting of the hosts that names a secret. */
export function secretReferences(hosts: Readonly<Record<string, HostConfig>>): SecretReference[] {
  return Object.entries(hosts).flatMap(([host, settings]) =>
    Object.entries(settings.luks ?? {}).map(([file, name]) => ({
      path: ["hosts", host, "luks", file],
      name,
    })),
  );
}
