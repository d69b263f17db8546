import { createHash } from "node:crypto";
import path from "node:path";
import type { SetUpContext, Way } from "./component.ts";
import { type DebianPrefix, debianObstacle, unpackDebianPrefix } from "./debian-prefix.ts";
import { askVersion } from "./executable.ts";
import { debianSuite } from "./pins.ts";
import { formatVersion } from "./version.ts";

/** Raised when the way prefixes are made changes, so that older ones are made anew. */
const layoutVersion = 1;

/** A way to get a program out of the newer Debian's packages; its version is what it says itself, which proves it runs. */
export function debianWay(
  name: string,
  prefix: DebianPrefix,
  main: { readonly program: string; readonly versionArgs: readonly string[] },
): Way {
  return {
    origin: "distribution",
    what: `unpack ${prefix.packages.join(" and ")} of Debian ${debianSuite} into a private folder`,
    folderName: async (context) => `${name}-${prefixKey(prefix, context)}`,
    obstacle: debianObstacle,
    async make(folder, context, note) {
      note(`downloading ${prefix.packages.join(", ")} and libraries from Debian ${debianSuite}`);
      await unpackDebianPrefix(folder, prefix, context);
      const executable = path.join("bin", main.program);
      const version = await askVersion(path.join(folder, executable), main.versionArgs, context);
      if (version === undefined) throw new Error(`the unpacked ${main.program} does not run`);
      return { version: formatVersion(version), executable };
    },
  };
}

/** The programs' interpreter is an absolute path, so a moved repository needs new ones. */
function prefixKey(prefix: DebianPrefix, context: SetUpContext): string {
  return createHash("sha256")
    .update(JSON.stringify([layoutVersion, debianSuite, process.arch, prefix, context.folder]))
    .digest("hex")
    .slice(0, 12);
}
