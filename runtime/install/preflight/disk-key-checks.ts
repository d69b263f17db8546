import { suggestion } from "../../../model/errors/config-error.ts";
import type { SystemTraits } from "../../../model/protocol/connection.ts";

/**
 * Why formatting the disks would miss a key, or be handed one in vain.
 * @param traits null: nothing is known of the configuration
 * @param delivered paths that get a key (`diskKeys`)
 */
export function diskKeyErrors(traits: SystemTraits | null, delivered: readonly string[]): string[] {
  if (traits === null) return [];
  const { files, prompts } = traits.diskKeys;
  const asked = prompts.map(
    (name) =>
      `the disk layout asks for the key of "${name}" at the console, and an install is unattended: give it a passwordFile, and give the key in diskKeys`,
  );
  const missing = files
    .filter((file) => !delivered.includes(file))
    .map(missingKey)
    .filter((error) => error !== undefined);
  const unused = delivered
    .filter((file) => !files.includes(file))
    .map(
      (file) =>
        `diskKeys puts a key at ${file}, and the disk layout reads none there${suggestion(file, files)}`,
    );
  return [...asked, ...missing, ...unused];
}

function missingKey(file: string): string | undefined {
  if (file.startsWith("/nix/store/"))
    return `the disk layout reads a key from ${file}: everybody can read what is in the Nix store`;
  // A key on a stick, or of random bytes: the machine has it or the formatting says so.
  if (file.startsWith("/dev/")) return undefined;
  return `the disk layout reads a key from ${file}, and nothing provides it: set diskKeys: {"${file}": <name of a secret>}`;
}
