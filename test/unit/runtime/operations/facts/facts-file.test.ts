import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { factsText, writtenFacts } from "../../../../../model/facts/facts-file.ts";
import { compareFacts, writeFacts } from "../../../../../runtime/operations/facts/facts-file.ts";
import { exampleFacts } from "../../../deployed-facts.ts";

let root: string;
let target: { file: string; configurations: Record<string, string> };
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "facts-files-"));
  target = { file: path.join(root, "facts", "prod.json"), configurations: { web: "web" } };
});
afterEach(() => rmSync(root, { recursive: true }));

const facts = exampleFacts();
const moved = { ...facts, known: { ...facts.known, "hosts.web.ipv4": "203.0.113.8" } };

describe("a file of facts", () => {
  it("is made, found in order, found stale, and replaced", async () => {
    expect(await compareFacts(facts, target)).toEqual({ kind: "missing" });
    expect(await writeFacts(facts, target)).toEqual({ kind: "missing" });
    expect(readFileSync(target.file, "utf8")).toBe(factsText(writtenFacts(facts, target.configurations)));
    expect(await compareFacts(facts, target)).toEqual({ kind: "current" });
    const stale = {
      kind: "stale",
      differences: [{ path: "hosts.web.ipv4", written: '"203.0.113.7"', actual: '"203.0.113.8"' }],
    };
    expect(await compareFacts(moved, target)).toEqual(stale);
    expect(await writeFacts(moved, target)).toEqual(stale);
    expect(await compareFacts(moved, target)).toEqual({ kind: "current" });
    expect(readdirSync(path.dirname(target.file))).toEqual(["prod.json"]);
  });

  it("is not touched where nothing has changed", async () => {
    await writeFacts(facts, target);
    utimesSync(target.file, 1, 1);
    expect(await writeFacts(facts, target)).toEqual({ kind: "current" });
    expect(statSync(target.file).mtimeMs).toBe(1000);
  });

  it("is stale in its form alone where somebody else has formatted it, and is mended", async () => {
    mkdirSync(path.dirname(target.file));
    writeFileSync(target.file, JSON.stringify(writtenFacts(facts, target.configurations)));
    expect(await compareFacts(facts, target)).toEqual({ kind: "stale", differences: [] });
    await writeFacts(facts, target);
    expect(await compareFacts(facts, target)).toEqual({ kind: "current" });
  });

  it("is not written where a fact is not known: every one is named, and what was there stays", async () => {
    await writeFacts(facts, target);
    const { "hosts.web.ipv4": _, "facts.url": __, ...known } = facts.known;
    const waiting = { ...facts, known, unknown: { "hosts.web.ipv4": 'server "web" exists' } };
    const message = await writeFacts(waiting, target).then(String, String);
    expect(message).toContain(
      'hosts.web.ipv4 is not known until server "web" exists; facts.url is not known',
    );
    expect(await compareFacts(facts, target)).toEqual({ kind: "current" });
  });

  it("that cannot be read is an error, not a file that is missing", async () => {
    mkdirSync(target.file, { recursive: true });
    await expect(compareFacts(facts, target)).rejects.toThrow("reading the written facts failed");
  });
});
