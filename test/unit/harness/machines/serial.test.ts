import fc from "fast-check";
import { expect, test } from "vitest";
import { Serial } from "../../../harness/machines/serial.ts";

test("tasks run one at a time in the order given, whatever each takes and whichever fail", async () => {
  const tasks = fc.array(fc.record({ milliseconds: fc.integer({ min: 0, max: 3 }), fails: fc.boolean() }), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(tasks, async (plan) => {
      const serial = new Serial();
      const events: string[] = [];
      const results = plan.map(({ milliseconds, fails }, number) =>
        serial.run(async () => {
          events.push(`begin ${number}`);
          await new Promise((resolve) => setTimeout(resolve, milliseconds));
          events.push(`end ${number}`);
          if (fails) throw new Error(`failed ${number}`);
          return number;
        }),
      );
      const settled = await Promise.allSettled(results);
      expect(events).toEqual(plan.flatMap((_, number) => [`begin ${number}`, `end ${number}`]));
      expect(settled.map((result) => result.status)).toEqual(
        plan.map(({ fails }) => (fails ? "rejected" : "fulfilled")),
      );
    }),
    { numRuns: 30 },
  );
});
