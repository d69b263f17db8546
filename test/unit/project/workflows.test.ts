import { statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { sourceFiles } from "./source-files.ts";

const folder = ".github/workflows/";

const step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.unknown(),
  jobs: z.record(
    z.string(),
    z.strictObject({
      "runs-on": z.string(),
      "timeout-minutes": z.number(),
      container: z.strictObject({ image: z.string(), options: z.string() }),
      defaults: z.unknown(),
      steps: z.array(step),
    }),
  ),
});

const checkout = "actions/checkout@";
const preparation = /^(apt-get (update|install --yes --no-install-recommends [a-z0-9 -]+)|git config .+)$/;

/** Lines of a job's commands that are neither `.ci/run` nor get the container ready for it. */
function otherCommands(commands: readonly string[]): string[] {
  return commands
    .filter((command) => command !== ".ci/run")
    .flatMap((command) => command.trim().split("\n"))
    .filter((line) => !preparation.test(line));
}

describe("workflows", () => {
  const files = sourceFiles(".yml", ".yaml").filter(({ path: file }) => file.startsWith(folder));
  const parsed = files.map(({ text }) => workflow.parse(parse(text)));
  const jobs = parsed.flatMap((one) => Object.values(one.jobs));

  it("are there", () => {
    expect(files.map(({ path: file }) => file)).toEqual([`${folder}ci.yml`]);
    expect(jobs).toHaveLength(1);
  });

  it("run .ci/run, exactly once, last, and nothing else that checks", () => {
    expect(statSync(path.join(packageRoot(), ".ci", "run")).mode & 0o111).not.toBe(0);
    for (const { steps } of jobs) {
      const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
      expect(commands.filter((command) => command === ".ci/run")).toHaveLength(1);
      expect(steps.at(-1)?.run).toBe(".ci/run");
      expect(otherCommands(commands)).toEqual([]);
    }
    expect(otherCommands(["apt-get update\nnpm test\n", ".ci/run || true"])).toEqual([
      "npm test",
      ".ci/run || true",
    ]);
  });

  it("run in a privileged container of Debian, with Git before the checkout", () => {
    for (const { container, steps } of jobs) {
      expect(container).toEqual({
        image: expect.stringMatching(/^debian:[a-z]+$/),
        options: "--privileged --init",
      });
      const git = steps.findIndex(({ run }) => /^apt-get install .*\bgit\b/m.test(run ?? ""));
      expect(git).toBeGreaterThanOrEqual(0);
      expect(steps.findIndex(({ uses }) => uses?.startsWith(checkout))).toBeGreaterThan(git);
    }
  });

  it("may only read, and are never started with secrets by a pull request", () => {
    for (const one of parsed) {
      expect(one.permissions).toEqual({ contents: "read" });
      expect(Object.keys(one.on)).not.toContain("pull_request_target");
    }
    for (const { text } of files) expect(text).not.toContain("secrets.");
  });

  it("pin each action to a commit, and say which version it is", () => {
    const uses = files.flatMap(({ text }) => text.match(/^.*\buses:.*$/gm) ?? []);
    expect(uses).not.toHaveLength(0);
    for (const line of uses) expect(line).toMatch(/ uses: [a-z-]+\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});
