import { describe, expect, it } from "vitest";
import { groupMessages } from "../../../../cli/io/grouped-lines.ts";

const of = (text: string, ...hosts: string[]) => hosts.map((host) => ({ host, text }));

describe("remarks below a table", () => {
  it("are a line each", () => {
    expect(groupMessages([...of("is old", "a", "b", "c"), ...of("is ill", "a")])).toEqual([
      "a: is old",
      "b: is old",
      "c: is old",
      "a: is ill",
    ]);
    expect(groupMessages([])).toEqual([]);
  });

  it("are told once where four hosts or more share them, where the first of them has it", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => `web-${index + 1}`);
    const remarks = hundred.flatMap((host) => [
      ...of("is old", host),
      ...(host === "web-7" ? of("is ill", host) : []),
      ...of("wants x", host),
    ]);
    expect(groupMessages([...of("is ill", "db"), ...remarks])).toEqual([
      "db: is ill",
      "web-{1..100}: is old",
      "web-{1..100}: wants x",
      "web-7: is ill",
    ]);
    expect(groupMessages(of("x", "a", "b", "c", "d"))).toEqual(["a, b, c, d: x"]);
  });
});
