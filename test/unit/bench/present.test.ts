import { describe, expect, it } from "vitest";
import { asMarkdown, asText, quantity, replaceSection } from "../../../bench/present.ts";
import { isMet } from "../../../bench/report.ts";

const goal = { text: "ratio", measured: 1.6, limit: 1.5 };
const dated = {
  machine: "2 × processor",
  date: "2026-01-31",
  report: {
    name: "x",
    title: "Title",
    about: "About.",
    series: [{ label: "ours", unit: "s" as const, samples: [3, 1, 2] }],
    goals: [goal, { ...goal, measured: 1.5 }],
    disturbed: { samples: 2, of: 6 },
  },
};

describe("presentation", () => {
  it("writes a section of the page", () => {
    expect(asMarkdown(dated)).toBe(
      [
        "## Title",
        "",
        "About.",
        "",
        "|  | median | min | max | samples |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| ours | 2 s | 1 s | 3 s | 3 |",
        "",
        "- MISSED: ratio (measured 1.60, goal ≤ 1.5)",
        "- met: ratio (measured 1.50, goal ≤ 1.5)",
        "",
        "2026-01-31, 2 × processor. Other work kept the machine busy at the start of 2 of 6 samples.",
      ].join("\n"),
    );
  });

  it("shows a drawing for each plot", () => {
    const plot = { title: "Plot", x: [1, 2], y: "s", lines: [{ label: "a", values: [1, 2] }] };
    const text = asMarkdown({ ...dated, report: { ...dated.report, plots: [plot, plot] } });
    expect(text).toContain("\n![Plot](benchmarks/x.svg)\n\n![Plot](benchmarks/x-2.svg)\n");
  });

  it("writes a table for the terminal", () => {
    const text = asText(dated);
    for (const part of ["Title", "ours", "2 s", "MISSED", "2 of 6 samples"]) expect(text).toContain(part);
  });

  it("says whether other work was seen", () => {
    const { report } = dated;
    expect(asText({ ...dated, report: { ...report, disturbed: { samples: 0, of: 6 } } })).toContain(
      "otherwise idle",
    );
    expect(asText({ ...dated, report: { ...report, disturbed: { samples: 0, of: 0 } } })).toContain(
      "Counted, not timed",
    );
  });

  it("keeps three digits", () => {
    expect([0, 0.01234, 0.5, 1.234, 12.34, 123.4, 1234.5].map((value) => quantity(value, ""))).toEqual([
      "0",
      "0.012",
      "0.500",
      "1.23",
      "12.3",
      "123",
      "1235",
    ]);
    expect(quantity(2, "MiB")).toBe("2 MiB");
  });

  it("meets a goal at its limit", () => {
    expect([1.5, 1.6].map((measured) => isMet({ ...goal, measured }))).toEqual([true, false]);
  });
});

describe("replaceSection", () => {
  const document = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";

  it("replaces one section and leaves the rest, again and again", () => {
    const once = replaceSection(document, "x", "new");
    expect(once).toBe("a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n");
    expect(replaceSection(once, "x", "new")).toBe(once);
  });

  it("refuses a document without its place", () => {
    expect(() => replaceSection(document, "y", "new")).toThrow("no section");
    expect(() => replaceSection("<!-- /bench:x --><!-- bench:x -->", "x", "new")).toThrow("no section");
  });
});
