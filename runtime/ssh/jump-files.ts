import { writeFile } from "node:fs/promises";
import path from "node:path";
import { hopAlias, hopsOf, type JumpFiles } from "./jump-hops.ts";
import { settingsForConnection } from "./options.ts";
import type { SshTarget } from "./target.ts";

/** Writes keys (0600) and configurations of the hops into the session's folder; undefined when there are none. */
export async function writeJumpFiles(
  target: SshTarget,
  folder: string,
  own: { readonly identity: string; readonly knownHosts: string },
): Promise<JumpFiles | undefined> {
  const hops = hopsOf(target);
  if (hops.length === 0) return undefined;
  const identities = await Promise.all(
    hops.map(async ({ privateKey }, index) => {
      if (privateKey === null) return own.identity;
      const file = path.join(folder, `jump-${index + 1}`);
      await writeFile(file, privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`, { mode: 0o600 });
      return file;
    }),
  );
  const write = async (name: string, logLevel: string) => {
    const file = path.join(folder, name);
    const blocks = hops.map((_, index) =>
      hopBlock(target, index, {
        identity: identities[index] ?? own.identity,
        knownHosts: own.knownHosts,
        logLevel,
      }),
    );
    await writeFile(file, blocks.join(""), { mode: 0o600 });
    return file;
  };
  return { quiet: await write("jump", "ERROR"), verbose: await write("jump-verbose", "DEBUG1") };
}

/** One `Host` block (ssh_config(5)): the same strictness as for the target, and the hop before it. */
function hopBlock(
  target: SshTarget,
  index: number,
  files: { readonly identity: string; readonly knownHosts: string; readonly logLevel: string },
): string {
  const hop = hopsOf(target)[index];
  if (hop === undefined) throw new Error(`there is no hop ${index}`);
  const alias = hopAlias(target.host, index);
  const settings = {
    ...settingsForConnection(hop, alias, files),
    User: hop.user,
    LogLevel: files.logLevel,
    ...(index === 0 ? {} : { ProxyJump: hopAlias(target.host, index - 1) }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `  ${name} ${value}\n`);
  return `Host ${alias}\n${lines.join("")}`;
}
