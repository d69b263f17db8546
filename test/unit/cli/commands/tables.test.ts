import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { checkTable } from "../../../../cli/commands/check.ts";
import { execTable } from "../../../../cli/commands/exec.ts";
import { hostsTable } from "../../../../cli/commands/hosts.ts";
import { rebootTable } from "../../../../cli/commands/reboot.ts";
import { planText, resultTable } from "../../../../cli/commands/rollback-last-update.ts";

/** Rows of a table as lists of cells, whatever it is drawn with, in colours or not. */
const rowsOf = (table: string) =>
  stripVTControlCharacters(table)
    .split("\n")
    .filter((line) => line.includes("│"))
    .map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const system = `/nix/store/${"a".repeat(32)}-nixos-system-web-26.05`;

describe("tables", () => {
  it("of hosts tell how each is reached and deployed", () => {
    const web = {
      ...{ provider: "existing", id: "1", ipv4: null, ipv6: null, address: "192.0.2.1", user: "admin" },
      ...{
        system,
        ageRecipient: "age1",
        hostPublicKey: "ssh-ed25519 AAAA",
        jump: [],
        previousEndpoint: null,
        ssh: "",
      },
      ...{ elevate: "none" as const, elevatePassword: null, allowUnreachable: false },
    };
    const table = hostsTable({
      web: { ...web, port: 2222, tags: ["edge", "eu"], wave: "canary" },
      db: { ...web, port: 22, tags: [], wave: null },
    });
    expect(rowsOf(table).slice(1)).toEqual([
      [
        ...["web", "existing", "192.0.2.1 port 2222", "admin", "edge, eu", "canary"],
        "nixos-system-web-26.05 (aaaaaaa)",
      ],
      ["db", "existing", "192.0.2.1", "admin", "", "", "nixos-system-web-26.05 (aaaaaaa)"],
    ]);
  });

  it("of commands tell exit codes and errors", () => {
    const ran = { stdout: "", stderr: "", seconds: 1.25 };
    const table = execTable([
      { ...ran, host: "web", exitCode: 0, error: null },
      { ...ran, host: "db", exitCode: 3, error: null },
      { ...ran, host: "mail", exitCode: null, error: "no route to host" },
    ]);
    expect(rowsOf(table).slice(1)).toEqual([
      ["web", "0", "1.3 s"],
      ["db", "3", "1.3 s"],
      ["mail", "no route to host", "1.3 s"],
    ]);
  });

  it("of reboots tell what runs now, what failed, and what was left alone", () => {
    const table = rebootTable([
      { host: "web", outcome: "rebooted", system, seconds: 20 },
      { host: "db", outcome: "failed", seen: "reboot: it is not back in time" },
      { host: "mail", outcome: "not-begun" },
    ]);
    expect(rowsOf(table).slice(1)).toEqual([
      ["web", "rebooted", "20.0 s", "nixos-system-web-26.05 (aaaaaaa)"],
      ["db", "failed", "", "reboot: it is not back in time"],
      ["mail", "not begun", "", ""],
    ]);
  });

  it("of rollbacks tell what goes back to what, what cannot, and how it ended", () => {
    const step = { from: system, to: `${system}-before`, operator: "ada@desk", age: 61 };
    const obstacles = [{ host: "db", reason: "cannot be reached: no route to host" }];
    const plan = planText({ steps: [{ ...step, host: "web" }], obstacles });
    const [from, to] = ["nixos-system-web-26.05 (aaaaaaa)", "nixos-system-web-26.05-before (aaaaaaa)"];
    expect(rowsOf(plan).slice(1)).toEqual([["web", from, to, "1 min 1 s ago", "ada@desk"]]);
    expect(plan.split("\n").at(-1)).toBe("db: cannot be reached: no route to host");
    expect(planText({ steps: [], obstacles: [] })).toBe("no update is known that could be rolled back");
    const results = resultTable([
      { ...step, host: "web", outcome: "rolled-back" },
      { ...step, host: "db", outcome: "staged" },
      { ...step, host: "mail", outcome: "failed", seen: "lock: held" },
      { ...step, host: "dns", outcome: "not-begun" },
    ]);
    expect(rowsOf(results).slice(1)).toEqual([
      ["web", "rolled back", to],
      ["db", "at its next boot", to],
      ["mail", "failed", "lock: held"],
      ["dns", "not begun", ""],
    ]);
  });

  it("of checks have every error below them", () => {
    expect(checkTable([{ host: "laptop", reachable: false, errors: [] }])).toMatch(/laptop .*away/);
    const table = checkTable([{ host: "web", reachable: false, errors: ["unreachable: no route to host"] }]);
    expect(rowsOf(table).slice(1)).toEqual([["web", "unreachable", "", "", "", "", ""]]);
    expect(table.split("\n").at(-1)).toBe("web: unreachable: no route to host");
  });
});
