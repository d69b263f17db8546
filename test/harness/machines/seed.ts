import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type CloudConfig, parseUserData } from "./cloud-config.ts";
import type { MachineSpec } from "./contract.ts";

/** Files of a seed: path in its folder → content. Their reader is guest/commands/stock/cloud-init.sh. */
export type SeedFiles = Readonly<Record<string, string>>;

/** Metadata and user data of an instance, laid out as files; user data that cannot be carried out becomes `error`. */
export function seedFiles(spec: Pick<MachineSpec, "hostname" | "authorizedKeys" | "userData">): SeedFiles {
  const userData = parseUserData(spec.userData);
  const common = { hostname: `${spec.hostname}\n`, authorized_keys: lines(spec.authorizedKeys) };
  if (!userData.ok) return { ...common, error: `${userData.error}\n` };
  const { config } = userData;
  return {
    ...common,
    ...(config.hostname === undefined ? {} : { hostname: `${config.hostname}\n` }),
    authorized_keys: lines([...spec.authorizedKeys, ...(config.ssh_authorized_keys ?? [])]),
    ...(config.ssh_deletekeys === false ? {} : { "delete-host-keys": "" }),
    ...hostKeyFiles(config.ssh_keys ?? {}),
    ...Object.assign({}, ...(config.users ?? []).map(userFiles)),
  };
}

/** Writes a seed in place of the one before; its new instance id makes cloud-init apply it at the next boot. */
export async function writeSeed(folder: string, files: SeedFiles): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  for (const [name, content] of Object.entries({ ...files, "instance-id": `${randomUUID()}\n` })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
  }
}

function hostKeyFiles(keys: NonNullable<CloudConfig["ssh_keys"]>): SeedFiles {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key = ""]) => {
      const [type, half] = name.split("_");
      return [`host-keys/ssh_host_${type}_key${half === "public" ? ".pub" : ""}`, `${key.trimEnd()}\n`];
    }),
  );
}

function userFiles(user: NonNullable<CloudConfig["users"]>[number]): SeedFiles {
  // The default user of these images is root, which has its keys already.
  if (user === "default") return {};
  const rules = [user.sudo ?? []].flat();
  return {
    [`users/${user.name}/authorized_keys`]: lines(user.ssh_authorized_keys ?? []),
    [`users/${user.name}/sudoers`]: lines(rules.map((rule) => `${user.name} ${rule}`)),
    [`users/${user.name}/shell`]: `${user.shell ?? "/bin/bash"}\n`,
  };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
