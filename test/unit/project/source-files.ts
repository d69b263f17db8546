import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

/** A source file of the repository: tracked, or new and not ignored. */
export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** All source files whose name ends in one of the given ways. */
export function sourceFiles(...endings: string[]): SourceFile[] {
  const root = packageRoot();
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--deduplicate"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\n")
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .flatMap((file) => {
      try {
        return [{ path: file, text: readFileSync(path.join(root, file), "utf8") }];
      } catch {
        return []; // deleted in the work tree, still in the index
      }
    });
}
