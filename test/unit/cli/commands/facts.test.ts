import { stripVTControlCharacters } from "node:util";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { checkedLines, factsTable, writtenLines } from "../../../../cli/commands/facts.ts";
import { addFacts } from "../../../../cli/register-facts.ts";
import { exampleFacts } from "../../deployed-facts.ts";

const differences = [
  { path: "hosts.db.ipv4", written: '"203.0.113.5"', actual: '"203.0.113.7"' },
  { path: "hosts.new.tags", written: undefined, actual: '["eu"]' },
];

describe("fleet facts", () => {
  it("prints a row for each host and the facts of one's own", () => {
    const { "hosts.web.ipv6": _, ...known } = exampleFacts().known;
    const lines = stripVTControlCharacters(factsTable({ ...exampleFacts(), known })).split("\n");
    const cells = lines
      .filter((line) => line.includes("│"))
      .map((line) =>
        line
          .split("│")
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(cells).toEqual([
      ["host", "IPv4", "IPv6", "private", "tags"],
      ["mail", "", "2001:db8:2::1", "", ""],
      ["web", "203.0.113.7", "?", "internal: 10.0.1.2", "edge, eu"],
    ]);
    expect(lines.slice(-2)).toEqual(["facts.ports: [80,443]", "facts.url: https://x"]);
  });

  it("says what it has written, and what to do with a new file", () => {
    const said = (...given: Parameters<typeof writtenLines>) => writtenLines(...given).join("\n");
    expect(said("hosts/facts/prod.json", { kind: "missing" })).toContain("`git add` it");
    expect(said("f.json", { kind: "current" })).toBe("f.json holds the facts of the stack already");
    expect(said("f.json", { kind: "stale", differences })).toBe(
      [
        "f.json written",
        '  hosts.db.ipv4: "203.0.113.7" in the stack, "203.0.113.5" in the file',
        '  hosts.new.tags: ["eu"] in the stack, nothing in the file',
      ].join("\n"),
    );
  });

  it("says which fact of which host is not what is written", () => {
    const said = (...given: Parameters<typeof checkedLines>) => checkedLines(...given).join("\n");
    expect(said("f.json", { kind: "current" })).toBe("f.json holds the facts of the stack");
    expect(said("f.json", { kind: "missing" })).toBe("f.json is not there: npx fleet facts export");
    const stale = said("f.json", { kind: "stale", differences });
    expect(stale).toContain("f.json does not hold the facts of the stack: npx fleet facts export\n");
    expect(stale).toContain('hosts.db.ipv4: "203.0.113.7" in the stack, "203.0.113.5" in the file');
  });

  it.each([
    [["--write"], "unknown option '--write'"],
    [["write"], "too many arguments"],
    [["--to", "facts"], "unknown option '--to'"],
    [["export", "--json"], "unknown option '--json'"],
    [["check", "export"], "too many arguments"],
  ])("refuses %j before anything is read", async (words, message) => {
    const program = new Command("fleet")
      .enablePositionalOptions()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    addFacts(program, () => {
      throw new Error("the stack was looked for");
    });
    await expect(program.parseAsync(["node", "fleet", "facts", ...words])).rejects.toThrow(message);
  });
});
