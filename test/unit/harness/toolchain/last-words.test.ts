import { expect, test } from "vitest";
import { lastWords } from "../../../harness/toolchain/last-words.ts";

const backtrace = Array.from({ length: 20 }, (_, index) => `  ${index}: core::ops::function::FnOnce`);

test.each([
  ["error: rustup could not choose a version of cargo to run", "help: run 'rustup default stable'"],
  ["error[E0432]: unresolved import `std::x`", " --> src/main.rs:1:5"],
  ["go: error: reading the module", "x"],
  ["E: Unable to locate package shfmt", "x"],
])("of a long output the first error is shown: %s", (error, next) => {
  const lines = ["  Updating crates.io index", error, next, "", ...backtrace];
  expect(lastWords(`${lines.join("\n")}\n`, 2)).toBe(
    [error, next, "", "…", ...backtrace.slice(-2)].join("\n  "),
  );
});

test("an error among the last lines, or right before them, is not shown twice", () => {
  expect(lastWords("a\nb\nerror: c\nd", 2)).toBe("error: c\n  d");
  expect(lastWords("a\nerror: b\nc\nd", 2)).toBe("error: b\n  c\n  d");
});

test("an output without one is told by its end, a short one whole", () => {
  expect(lastWords("terrors: a\nno error here\nc\nd\n", 2)).toBe("c\n  d");
  expect(lastWords("error: a\n", 5)).toBe("error: a");
  expect(lastWords("", 5)).toBe("");
});
