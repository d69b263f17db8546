import { describe, expect, test } from "vitest";
import { codeOf } from "./nix-source.ts";

/** Nix interpolation, written with `@{`. */
const nix = (text: string) => text.replaceAll("@{", "${");

describe("code of a Nix source", () => {
  test.each([
    ["a # self\nb", "a \nb"],
    ["a /* self\n */ b", "a  b"],
    ['"self"', '""'],
    ['"a @{self} b"', '"@{self}"'],
    ['"\\@{self}"', '""'],
    ['"$@{self}"', '""'],
    ["''a @{self} ''@{no} ''' b''", '"@{self}"'],
    ['"@{ { a = "@{b}"; }.a }" + c', '"@{ { a = "@{b}"; }.a }" + c'],
    ['"# no comment" + self', '"" + self'],
  ])("%j", (source, code) => {
    expect(codeOf(nix(source))).toBe(nix(code));
  });
});
