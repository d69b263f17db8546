import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { sourceFiles } from "./source-files.ts";

/** Files of a work tree by how Git sees their line endings there: `lf`, `crlf`, `mixed`, `none`, `-text`. */
function filesByEnding(tree: string): Map<string, string[]> {
  const listed = execFileSync("git", ["ls-files", "--eol", "-z"], { cwd: tree, encoding: "utf8" });
  const found = new Map<string, string[]>();
  for (const entry of listed.split("\0").filter((one) => one !== "")) {
    const [attributes = "", file = ""] = entry.split("\t");
    const ending = /\bw\/(\S*)/.exec(attributes)?.[1] ?? "";
    found.set(ending, [...(found.get(ending) ?? []), file]);
  }
  return found;
}

/** Paths whose indentation is a tab by rule: Go, and here-documents that bash takes the tabs off. */
const tabbed = /\.go$|(^|\/)go\.mod$|\.sh$/;

/** What .editorconfig says of a file and the file does not do. */
function untidy(file: string, text: string): string[] {
  return [
    ...(text === "" || text.endsWith("\n") ? [] : ["no newline at the end"]),
    ...(text.endsWith("\n\n") ? ["an empty line at the end"] : []),
    ...(/[ \t]$/m.test(text) ? ["blanks at the end of a line"] : []),
    ...(text.includes("\r") ? ["a carriage return"] : []),
    ...(!tabbed.test(file) && /^ *\t/m.test(text) ? ["a tab as indentation"] : []),
  ].map((what) => `${file}: ${what}`);
}

describe("line endings", () => {
  it("are LF in a clone whose Git turns LF into CRLF", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "crlf-"));
    try {
      const clone = path.join(folder, "clone");
      const settings = ["--config", "core.autocrlf=true", "--config", "core.eol=crlf"];
      execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ...settings, packageRoot(), clone], {
        stdio: "pipe",
      });
      const found = filesByEnding(clone);
      expect(found.get("crlf") ?? []).toEqual([]);
      expect(found.get("mixed") ?? []).toEqual([]);
      expect(found.get("lf")).toEqual(expect.arrayContaining([".ci/run", "test/harness/bootstrap.sh"]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("and blanks are as .editorconfig says", () => {
    const files = sourceFiles("");
    expect(files.length).toBeGreaterThan(1000);
    expect(files.flatMap(({ path: file, text }) => untidy(file, text))).toEqual([]);
  });

  it("are found wrong when they are", () => {
    expect(untidy("a.ts", "x \n\ty")).toEqual([
      "a.ts: no newline at the end",
      "a.ts: blanks at the end of a line",
      "a.ts: a tab as indentation",
    ]);
    expect(untidy("a.md", "x\r\n\n")).toEqual(["a.md: an empty line at the end", "a.md: a carriage return"]);
    expect(untidy("a.go", "\tx\n")).toEqual([]);
  });
});
