import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheChoices, cachedChoices } from "../../../../runtime/pulumi/validated-choices.ts";

test("what was found right is remembered for each stack", async () => {
  const cacheRoot = mkdtempSync(path.join(tmpdir(), "fleet-choices-"));
  onTestFinished(() => rmSync(cacheRoot, { recursive: true, force: true }));
  const web = { provider: "hetzner" as const, serverType: "cx23", locations: ["nbg1"], image: "debian-12" };
  expect(await cachedChoices({ cacheRoot, environment: "prod" })).toEqual({});
  await cacheChoices({ cacheRoot, environment: "prod" }, { web });
  expect(await cachedChoices({ cacheRoot, environment: "prod" })).toEqual({ web });
  expect(await cachedChoices({ cacheRoot, environment: "test" })).toEqual({});
});
