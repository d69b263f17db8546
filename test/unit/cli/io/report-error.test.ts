import { afterEach, describe, expect, it, vi } from "vitest";
import { fail } from "../../../../cli/io/report-error.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";

function said(error: unknown): string {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  fail(error);
  const text = write.mock.calls.map(([written]) => String(written)).join("");
  write.mockRestore();
  return text;
}

afterEach(() => {
  process.exitCode = undefined;
});

const refused = new StepError({
  host: "web",
  step: "copy",
  seen: "the disk is full",
  next: "free some space",
});

/** Throws both, as a block does whose work and whose end fail. */
async function failingTwice(work: Error, end: Error): Promise<never> {
  await using resource = { [Symbol.asyncDispose]: () => Promise.reject(end) };
  throw resource === null ? end : work;
}

describe("fail", () => {
  it("prints an error that says what to do as it is, and sets the exit code", () => {
    expect(said(refused)).toBe(`${refused.message}\n`);
    expect(process.exitCode).toBe(1);
  });

  it("shows where any other error comes from", () => {
    expect(said(new Error("a bug"))).toMatch(/^Error: a bug\n +at /);
    expect(said("only text")).toBe("only text\n");
  });

  it("prints what failed first, then what failed while the work was ended", async () => {
    const end = new StepError({ host: "web", step: "lock", seen: "the connection was lost" });
    const both = await failingTwice(refused, end).catch((error: unknown) => error);
    expect(said(both)).toBe(`${refused.message}\nafterwards: ${end.message}\n`);
  });
});
