import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { positiveInteger, wholeNumber } from "../../../../cli/io/number-option.ts";

test.each([
  [wholeNumber(0), "0", 0],
  [wholeNumber(0), "8080", 8080],
  [positiveInteger, "1", 1],
  [positiveInteger, "999999999", 999_999_999],
])("read as they are %#", (read, text, value) => {
  expect(read(text)).toBe(value);
});

test.each(["", " ", "-1", "1.5", "1e3", "0x10", "01", "1234567890", "NaN"])("refuse %j", (text) => {
  expect(() => wholeNumber(0)(text)).toThrow(InvalidArgumentError);
  expect(() => wholeNumber(0)(text)).toThrow("It must be a whole number from 0.");
});

test("refuse what is too small", () => {
  expect(() => positiveInteger("0")).toThrow("It must be a whole number from 1.");
});
