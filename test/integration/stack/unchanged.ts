import { expect } from "vitest";
import type { EngineRun } from "./test-stack.ts";

/** A run that went well and changed nothing. `toMatchObject({ changes: {} })` would not tell: it asks for the keys that it is given. */
export function expectUnchanged({ ok, changes, output }: EngineRun): void {
  expect(ok, output).toBe(true);
  expect(changes, output).toEqual({});
}
