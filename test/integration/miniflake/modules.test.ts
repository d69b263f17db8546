import path from "node:path";
import { describe, expect, test } from "vitest";
import { evaluate, evaluationError, miniatureFlake, repository } from "./nix.ts";

const cases = path.join(repository, "test/integration/miniflake/module-cases.nix");
const library = path.join(miniatureFlake, "lib");
const caseOf = (kind: "values" | "errors", name: string) =>
  `(import "${cases}" { lib = import "${library}"; }).${kind}${name}`;

describe("the miniature module system", () => {
  test("merges, orders, forces and leaves alone as nixpkgs' does", async () => {
    expect(await evaluate(caseOf("values", ""))).toEqual({
      anythingMerges: { a: { b: 1, c: "x" } },
      anythingResolvesConditions: { a: { b: 1 } },
      applied: "7",
      attributesMerge: { a: 1, b: 2 },
      configSeesConfig: 2,
      defaultLoses: 2,
      extended: [2, 1],
      forceWins: 2,
      ifAroundConfig: 1,
      ifAroundForce: 2,
      ifElements: [1],
      ifFalseWithoutOthersGivesDefault: 1,
      ifTrue: 3,
      linesJoin: "b\na",
      listsInOrder: [1, 2, 3],
      mergeOfIfs: [1, 3],
      nullAllowed: null,
      nullOrValue: [2, 1],
      optionIsDefined: true,
      sameKeyOnce: 1,
      sameValueTwice: "a",
      submoduleDefaults: { one: { label: "first", size: 1 }, two: { label: "<two>", size: 2 } },
      unforcedThrowInSubmodule: "fine",
      unforcedThrowIsHarmless: "fine",
    });
  });

  test.each([
    ["unknownOption", "The option `services' does not exist"],
    ["unknownOptionUnderFalse", "The option `nothing' does not exist"],
    ["unknownInSubmodule", "The option `x.b' does not exist"],
    ["wrongType", "A definition for option `x' is not of type `signed integer'"],
    ["wrongElement", "A definition for option `x.\"[definition 1-entry 1]\"' is not of type `string'"],
    ["wrongPort", "A definition for option `x' is not of type `16 bit unsigned integer"],
    ["notInEnum", "A definition for option `x' is not of type `one of \"a\"'"],
    ["conflict", "The option `x' has conflicting definition values"],
    ["notDefined", "The option `x' was accessed but has no value defined"],
    ["ifFalseAlone", "The option `x' was accessed but has no value defined"],
    ["setBesideConfig", "has an unsupported attribute `x'"],
    ["readOnlyTwice", "The option `x' is read-only, but it's set multiple times"],
    ["optionGroupSetToValue", "`a' "],
    ["forcedThrow", "a fact that is not known yet"],
    ["wrongModule", "A module must be"],
  ])("refuses %s", async (name, message) => {
    expect(await evaluationError(caseOf("errors", `.${name}`))).toContain(message);
  });

  test("refuses an option with an unknown part, or without a type, which nixpkgs lets pass", async () => {
    const option = (parts: string) => `(import "${library}").mkOption { ${parts} }`;
    expect(await evaluationError(option("type = 1; defualt = 2;"))).toContain("unknown part `defualt'");
    expect(await evaluationError(option("default = 2;"))).toContain("an option needs a type here");
  });
});
