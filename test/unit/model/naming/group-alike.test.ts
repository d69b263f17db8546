import fc from "fast-check";
import { expect, it } from "vitest";
import { groupAlike } from "../../../../model/naming/group-alike.ts";

const of = (text: string, ...hosts: string[]) => hosts.map((host) => ({ host, text }));
const grouped = (messages: readonly { host: string; text: string }[]) =>
  groupAlike(messages, ({ text }) => text);

it("groups what four hosts have in common, where the first of them stands", () => {
  const messages = [...of("old", "a"), ...of("new", "x"), ...of("old", "b", "c", "d")];
  expect(grouped(messages)).toEqual([of("old", "a", "b", "c", "d"), of("new", "x")]);
});

it("leaves apart what fewer hosts say, and counts a host once", () => {
  expect(grouped(of("old", "a", "b", "c", "c"))).toEqual([
    of("old", "a"),
    of("old", "b"),
    of("old", "c"),
    of("old", "c"),
  ]);
});

it("keeps every message once", () => {
  const message = fc.record({
    host: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    text: fc.constantFrom("x", "y"),
  });
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const kept = new Set(grouped(messages).flat());
      expect(kept.size).toBe(messages.length);
      expect(messages.every((each) => kept.has(each))).toBe(true);
    }),
  );
});
