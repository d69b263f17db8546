import { expect, it } from "vitest";
import { orCancelled } from "../../../../runtime/deploy/outcome.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";

const broken = new StepError({ host: "web", step: "lock", seen: "the connection ended", next: "check bash" });

it("says of an error after Ctrl-C that it was cancelled, and where", () => {
  const signal = AbortSignal.abort();
  expect(orCancelled(broken, signal)).toMatchObject({
    failure: { host: "web", step: "lock", seen: "cancelled", next: expect.stringContaining("run it again") },
  });
  const told = new StepError({ step: "deployment", seen: "cancelled; the host rolls back" });
  expect(orCancelled(told, signal)).toBe(told);
  const defect = new Error("defect");
  expect(orCancelled(defect, signal)).toBe(defect);
});

it("leaves any other error as it is", () => {
  expect(orCancelled(broken, undefined)).toBe(broken);
  expect(orCancelled(broken, new AbortController().signal)).toBe(broken);
});
