import { describe, expect, test } from "vitest";
import { fc } from "../property.ts";
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

  test("no text of a string, a comment or an indented string gets through, the code around it always does", () => {
    const escaped = (text: string) => text.replaceAll(/[\\"$]/g, "\\$&");
    const indented = (text: string) => text.replaceAll("'", "").replaceAll("$", "");
    fc.assert(
      fc.property(fc.string(), fc.string({ maxLength: 20 }), (text, other) => {
        const line = other.replaceAll("\n", " ");
        const source = `before "${escaped(text)}" # ${line}\nbetween ''${indented(text)}'' /* ${text.replaceAll("*", "")} */ after`;
        expect(codeOf(source)).toBe('before "" \nbetween "'.concat('"  after'));
      }),
    );
  });
});
