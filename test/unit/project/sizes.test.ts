import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

const longestFile = 250;
const longestFunction = 60;

const lineCount = (text: string) => text.replace(/\n$/, "").split("\n").length;

function longFiles(files: readonly SourceFile[]): string[] {
  return files
    .map((file) => ({ path: file.path, lines: lineCount(file.text) }))
    .filter(({ lines }) => lines > longestFile)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** Named functions and methods; a test's describe() is a list of tests, not a function to be read as one. */
function longFunctions(file: SourceFile): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && !isTestBlock(node)) {
      const lines = lineCount(node.getText(source));
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      if (lines > longestFunction) found.push(`${file.path}:${line + 1}: ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTestBlock(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^(describe|suite)\b/.test(call.expression.getText());
}

describe("sizes", () => {
  it(`no source file is longer than ${longestFile} lines`, () => {
    const files = sourceFiles(".ts", ".mjs", ".sh", ".nix", ".go");
    expect(files.length).toBeGreaterThan(20);
    expect(longFiles(files)).toEqual([]);
  });

  it(`no function is longer than ${longestFunction} lines`, () => {
    expect(sourceFiles(".ts").flatMap(longFunctions)).toEqual([]);
  });

  it("notices what is too long", () => {
    const body = "x();\n".repeat(longestFunction);
    expect(longFunctions({ path: "a.ts", text: `function f() {\n${body}}` })).toEqual(["a.ts:1: 62 lines"]);
    expect(longFunctions({ path: "a.ts", text: `describe("x", () => {\n${body}});` })).toEqual([]);
    expect(longFiles([{ path: "a.ts", text: "x\n".repeat(longestFile + 1) }])).toEqual(["a.ts: 251 lines"]);
  });
});
