import { expect, test } from "vitest";
import { exportedState, multiplied, without } from "../../../../bench/preview/multiply.ts";

const urn = (name: string) => `urn:pulumi:test::fleet::some:index:Type::${name}`;
const state = exportedState(
  JSON.stringify({
    version: 3,
    deployment: {
      manifest: { time: "now" },
      resources: [
        { urn: urn("stack") },
        { urn: urn("alpha"), custom: false },
        { urn: urn("alpha-instance"), parent: urn("alpha"), inputs: { name: "alpha", count: 1 } },
        { urn: urn("alphabet"), inputs: {} },
        { urn: urn("omega"), custom: false },
      ],
    },
  }),
);

test("repeats what belongs to each model under other names, and keeps the rest", () => {
  const result = multiplied(state, { alpha: ["a-1", "a-2"], omega: [] });
  expect(result).toMatchObject({ version: 3, deployment: { manifest: { time: "now" } } });
  expect(result.deployment.resources).toEqual([
    { urn: urn("stack") },
    { urn: urn("alphabet"), inputs: {} },
    { urn: urn("a-1"), custom: false },
    { urn: urn("a-1-instance"), parent: urn("a-1"), inputs: { name: "a-1", count: 1 } },
    { urn: urn("a-2"), custom: false },
    { urn: urn("a-2-instance"), parent: urn("a-2"), inputs: { name: "a-2", count: 1 } },
  ]);
});

test("leaves one out", () => {
  const names = without(state, "alpha").deployment.resources.map(({ urn }) => urn.split("::").at(-1));
  expect(names).toEqual(["stack", "alpha-instance", "alphabet", "omega"]);
});

test("refuses what is not a state", () => {
  expect(() => exportedState('{"deployment":null}')).toThrow();
});
