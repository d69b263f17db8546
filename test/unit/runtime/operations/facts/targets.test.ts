import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeployedFacts } from "../../../../../model/facts/facts-file.ts";
import { factsTargets } from "../../../../../runtime/operations/facts/targets.ts";
import { exampleFacts } from "../../../deployed-facts.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "facts-targets-")));
  for (const flake of ["hosts", "other", "hosts/inner"]) {
    mkdirSync(path.join(root, flake));
    writeFileSync(path.join(root, flake, "flake.nix"), "{ }");
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const targets = (sources: DeployedFacts["sources"], to?: string) =>
  factsTargets({ ...exampleFacts(), sources }, root, to).map(({ file, configurations }) => ({
    file: path.relative(root, file),
    configurations,
  }));
const from = (flake: string, attribute = "x") => ({ flake, attribute });
const remote = { mail: from("github:example/mail"), post: from("github:example/mail", "y") };

describe("facts are written", () => {
  it("into facts/ of each flake that is here, with its own hosts, once however it is written", () => {
    const sources = {
      ...{ web: from("./hosts", "web"), "web-2": from(`path:${root}/hosts`, "web"), db: from("./other") },
      ...{ ready: null, mail: from("github:example/mail") },
    };
    expect(targets(sources)).toEqual([
      { file: "hosts/facts/prod.json", configurations: { web: "web", "web-2": "web" } },
      { file: "other/facts/prod.json", configurations: { db: "x" } },
    ]);
  });

  it("into a folder of one's choice, for the innermost flake around it", () => {
    const sources = { web: from("./hosts", "w"), deep: from("./hosts/inner", "d"), db: from("./other", "o") };
    expect(targets(sources, "hosts/some/where")).toEqual([
      { file: "hosts/some/where/prod.json", configurations: { web: "w" } },
    ]);
    expect(targets(sources, "hosts/inner")[0]?.configurations).toEqual({ deep: "d" });
    symlinkSync(path.join(root, "other"), path.join(root, "link"));
    expect(targets(sources, "link/facts")[0]?.configurations).toEqual({ db: "o" });
  });

  it("into any folder for the only flake there is", () => {
    expect(targets(remote, "../clone/facts")).toEqual([
      { file: "../clone/facts/prod.json", configurations: { mail: "x", post: "y" } },
    ]);
  });

  it.each([
    [{ ready: null }, undefined, "no host of the stack uses a flake"],
    [{ ready: null }, "facts", "no host of the stack uses a flake"],
    [remote, undefined, "no flake of the stack is a local folder: github:example/mail"],
    [
      { ...remote, web: from("./hosts") },
      "elsewhere",
      "is in none of the stack's flakes: github:example/mail, ./hosts",
    ],
    [{ web: from("./hosts"), db: from("./other") }, "hosts-2", "is in none of the stack's flakes"],
  ])("nowhere for %j into %s", (sources, to, message) => {
    expect(() => targets(sources, to)).toThrow(message);
  });
});
