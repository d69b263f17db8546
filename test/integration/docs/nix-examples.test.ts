import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { codeBlocks, pages } from "../../unit/docs/pages.ts";

function parse(code: string): { ok: boolean; message: string } {
  const run = spawnSync("nix-instantiate", ["--parse", "-"], { input: code, encoding: "utf8" });
  return { ok: run.status === 0, message: run.stderr || (run.error?.message ?? "") };
}

describe("Nix in the documentation", () => {
  const examples = pages()
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "nix");

  it("is there, and what is wrong would be noticed", () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
    expect(parse("{ a = ").ok).toBe(false);
  });

  it.each(examples.map((block) => [`${block.page}:${block.line}`, block.code] as const))(
    "%s parses",
    (_, code) => {
      const { ok, message } = parse(code);
      expect(ok, message).toBe(true);
    },
  );
});
