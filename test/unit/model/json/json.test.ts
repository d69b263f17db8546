import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseDocument, parseJson, stableJson } from "../../../../model/json/json.ts";
import { fc } from "../../property.ts";

test("a text that is not JSON has no value", () => {
  expect(parseJson('{"a":1')).toBeUndefined();
  expect(parseJson('{"a":[null]}')).toEqual({ a: [null] });
});

test("a document is read, or what is wrong with it is said", () => {
  const schema = z.strictObject({ host: z.object({ port: z.number("must be a number") }) });
  expect(parseDocument('{"host":{"port":22}}', schema)).toEqual({ host: { port: 22 } });
  expect(parseDocument("{", schema)).toBe("it is not valid JSON");
  expect(parseDocument('{"host":{"port":"x"}}', schema)).toBe("host.port: must be a number");
});

describe("stable JSON", () => {
  test("does not depend on the order of keys, and loses nothing", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(stableJson(reversed)).toBe(stableJson(value));
        expect(JSON.parse(stableJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("keeps the order of lists", () => {
    expect(stableJson({ b: [2, 1], a: { d: null, c: "x" } })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}');
  });
});
