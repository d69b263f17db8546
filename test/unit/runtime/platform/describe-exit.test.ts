import { expect, it } from "vitest";
import { describeExit } from "../../../../runtime/platform/describe-exit.ts";

const quiet = { timedOut: false, cancelled: false, stderr: "", exitCode: undefined, signal: undefined };

it.each([
  ["cancelled", { ...quiet, cancelled: true, timedOut: true, stderr: "x" }],
  ["no answer within 15 s", { ...quiet, timedOut: true, stderr: "half a word" }],
  ["no such file", { ...quiet, exitCode: 2, stderr: "no such file\n" }],
  ["it was ended by SIGKILL", { ...quiet, signal: "SIGKILL" }],
  ["it was ended by an unknown cause", quiet],
  ["exit code 255", { ...quiet, exitCode: 255 }],
  ["its answer is incomplete", { ...quiet, exitCode: 0 }],
])("says %j", (words, result) => {
  expect(describeExit(result, 14.2)).toBe(words);
});
