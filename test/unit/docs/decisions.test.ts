import { describe, expect, it } from "vitest";
import { type Page, page, pages, tableRows } from "./pages.ts";

const folder = "docs/decisions/";
const index = `${folder}README.md`;

interface Decision {
  readonly number: string;
  readonly title: string;
  readonly file: string;
  readonly date: string;
  readonly status: string;
}

/** What a decision says of itself in its first lines; undefined where they have another form. */
function decisionOf({ path: file, text }: Page): Decision | undefined {
  const head = /^# (\d+)\. (.+)\n\n- Date: (\d{4}-\d\d-\d\d)\n- Status: (.+)\n\n/.exec(text);
  if (head === null) return undefined;
  const [, number = "", title = "", date = "", status = ""] = head;
  return { number, title, file: file.slice(folder.length), date, status };
}

/** The rows of the index, read as decisions. */
function listed(text: string): (Decision | undefined)[] {
  return tableRows(text).map(([number = "", cell = "", date = "", status = ""]) => {
    const link = /^\[(.+)\]\(([^)]+)\)$/.exec(cell);
    if (link === null) return undefined;
    return { number, title: link[1] ?? "", file: link[2] ?? "", date, status };
  });
}

describe("decisions", () => {
  const decisions = pages().filter(({ path: file }) => file.startsWith(folder) && file !== index);

  it("begin with title, date and status", () => {
    expect(decisions.length).toBeGreaterThanOrEqual(15);
    expect(decisions.filter((one) => decisionOf(one) === undefined).map((one) => one.path)).toEqual([]);
  });

  it("are all in the index, in order, with the same title, date and status", () => {
    expect(listed(page(index).text)).toEqual(decisions.map(decisionOf));
  });

  it("are numbered without a gap, in title and name of the file", () => {
    for (const [position, decision] of decisions.map(decisionOf).entries()) {
      expect(decision?.number).toBe(String(position + 1));
      expect(decision?.file).toMatch(
        new RegExp(`^${String(position + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`),
      );
    }
  });

  it("have a status that is explained in the index", () => {
    const superseded = /^superseded (in part )?by \[decision \d+\]\(\d{4}-[a-z0-9-]+\.md\)(: .+)?$/;
    for (const decision of decisions.map(decisionOf))
      expect(decision?.status === "accepted" || superseded.test(decision?.status ?? ""), decision?.file).toBe(
        true,
      );
  });

  it("are not read without a date or a status", () => {
    const path = `${folder}0001-x.md`;
    expect(decisionOf({ path, text: "# 1. X\n\n- Date: 2026-01-02\n- Status: accepted\n\nText.\n" })).toEqual(
      {
        number: "1",
        title: "X",
        file: "0001-x.md",
        date: "2026-01-02",
        status: "accepted",
      },
    );
    expect(decisionOf({ path, text: "# 1. X\n\n- Status: accepted\n\nText.\n" })).toBeUndefined();
    expect(decisionOf({ path, text: "# 1. X\n\n- Date: 2026-01-02\n\nText.\n" })).toBeUndefined();
  });
});
