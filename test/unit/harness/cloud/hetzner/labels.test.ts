import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../../harness/cloud/hetzner/errors.ts";
import { labelsSchema, parseLabelSelector } from "../../../../harness/cloud/hetzner/labels.ts";

const web = { role: "web", env: "prod", empty: "" };

describe("parseLabelSelector", () => {
  it.each([
    ["role", true],
    ["nothing", false],
    ["!role", false],
    ["!nothing", true],
    ["role=web", true],
    ["role==web", true],
    ["role=db", false],
    ["role!=web", false],
    ["role!=db", true],
    ["nothing!=web", true],
    ["empty=", true],
    ["nothing=", false],
    ["role in (db, web)", true],
    ["role in (db)", false],
    ["nothing in (db,)", false],
    ["role notin (db)", true],
    ["role notin (web,db)", false],
    ["nothing notin (web)", true],
    ["role=web,env=prod", true],
    ["role=web, env in (dev,test)", false],
    ["toString", false],
  ])("%s: %s", (selector, selected) => {
    expect(parseLabelSelector(selector)(web)).toBe(selected);
  });

  it.each([
    "",
    "=web",
    "role=web=db",
    "role in web",
    "role in (a",
    "a b",
    "role,",
    "-x",
    "role=-x",
    "!!role",
  ])("refuses '%s'", (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(ApiError);
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);

  it("k=v and k!=v, and in and notin, exclude each other", () => {
    fc.assert(
      fc.property(
        fc.dictionary(word, word),
        word,
        fc.array(word, { minLength: 1, maxLength: 3 }),
        (labels, key, values) => {
          const set = values.join(",");
          expect(parseLabelSelector(`${key}=${values[0]}`)(labels)).not.toBe(
            parseLabelSelector(`${key}!=${values[0]}`)(labels),
          );
          expect(parseLabelSelector(`${key} in (${set})`)(labels)).not.toBe(
            parseLabelSelector(`${key} notin (${set})`)(labels),
          );
        },
      ),
    );
  });
});

describe("labelsSchema", () => {
  it.each([{ role: "web" }, { "example.org/role": "web" }, { a: "" }, { "a.b_c-d": "1" }])(
    "takes %j",
    (labels) => {
      expect(labelsSchema.parse(labels)).toEqual(labels);
    },
  );

  it.each([
    { "": "x" },
    { "-a": "x" },
    { a: "b c" },
    { a: "-b" },
    { a: "x".repeat(64) },
    { "a/b/c": "x" },
    { a: 1 },
  ])("refuses %j", (labels) => {
    expect(labelsSchema.safeParse(labels).success).toBe(false);
  });
});
