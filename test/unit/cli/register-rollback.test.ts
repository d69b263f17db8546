import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type RollbackFlags, rollbackRequest } from "../../../cli/register-rollback.ts";
import { packageRoot } from "../../../runtime/platform/package-root.ts";

const none: RollbackFlags = { lastUpdate: false, yes: false, json: false };

describe("rollbackRequest", () => {
  it("is of one host, to the generation before or another one", () => {
    expect(rollbackRequest(["web"], none)).toEqual({ kind: "host", host: "web", to: undefined });
    expect(rollbackRequest(["web"], { ...none, to: 7 })).toEqual({ kind: "host", host: "web", to: 7 });
  });

  it("is of the last update, on all hosts or some", () => {
    const flags = { ...none, lastUpdate: true };
    expect(rollbackRequest([], flags)).toEqual({ kind: "last-update", selectors: [], parallel: 8 });
    expect(rollbackRequest(["db", "@eu"], { ...flags, parallel: 2, yes: true, json: true })).toEqual({
      ...{ kind: "last-update", selectors: ["db", "@eu"], parallel: 2 },
    });
  });

  it.each<[string, readonly string[], Partial<RollbackFlags>, string]>([
    ["nothing", [], {}, "name one host, or use --last-update"],
    ["several hosts", ["a", "b"], {}, "rollback takes one host; use --last-update for several hosts"],
    ["a tag", ["@eu"], {}, "rollback takes one host; use --last-update for several hosts"],
    [
      "--to with --last-update",
      ["a"],
      { lastUpdate: true, to: 3 },
      "--to cannot be combined with --last-update",
    ],
    ["--parallel alone", ["a"], { parallel: 3 }, "--parallel needs --last-update"],
    ["--json alone", ["a"], { json: true }, "--json needs --last-update"],
    ["--json without --yes", [], { lastUpdate: true, json: true }, "--json asks no question: add --yes"],
  ])("refuses %s", (_, words, flags, error) => {
    expect(rollbackRequest(words, { ...none, ...flags })).toEqual({ kind: "usage", error });
  });
});

describe("fleet rollback", () => {
  const type = (...words: string[]) =>
    promisify(execFile)(process.execPath, [path.join("cli", "bin.mjs"), ...words], { cwd: packageRoot() });

  it("ends a command line that is not valid with exit code 2, and help with 0", async () => {
    const refused = { code: 2, stdout: "", stderr: expect.stringMatching(/^error: --to cannot be combined/) };
    await expect(type("rollback", "web", "--to", "3", "--last-update")).rejects.toMatchObject(refused);
    await expect(type("rollback", "--what")).rejects.toMatchObject({ code: 2 });
    await expect(type("revert")).rejects.toMatchObject({ code: 2 });
    expect((await type("rollback", "--help")).stdout).toContain("--last-update");
  });
});
