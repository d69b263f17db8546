import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cancelUpdate, locateStack } from "../../../../../runtime/operations/unlock/pulumi-backend.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "cancel-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("cancelUpdate", () => {
  // What the CLI says for a stack of Pulumi Cloud (pulumi/pkg/backend/httpstate), which no test can reach.
  it("passes on that there is nothing to cancel, and what that means", async () => {
    const program = path.join(folder, "pulumi");
    writeFileSync(program, '#!/bin/sh\necho "error: stack $4 has never been updated ($*)" >&2\nexit 255\n');
    chmodSync(program, 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"] ?? ""}`);
    const stack = { name: "ada/fleet/prod", project: "fleet", backendUrl: "https://app.pulumi.com/ada" };
    const failure = await cancelUpdate({ projectRoot: folder }, stack).catch((error: unknown) =>
      String(error),
    );
    expect(failure).toContain(
      "cancelling the update failed: error: stack ada/fleet/prod has never been updated",
    );
    expect(failure).toContain("(cancel --yes --stack ada/fleet/prod --non-interactive)");
    expect(failure).toContain("if it says that there is none, the stack is free");
  });
});

describe("locateStack", () => {
  it("says where it has looked for a project in vain", async () => {
    const failure = await locateStack({ projectRoot: folder }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "StepError",
      failure: {
        seen: `${folder} holds no Pulumi.yaml that names a project`,
        next: expect.stringMatching(/ -C$/),
      },
    });
    writeFileSync(path.join(folder, "Pulumi.yaml"), "runtime: nodejs\n");
    await expect(locateStack({ projectRoot: folder })).rejects.toThrow("holds no Pulumi.yaml that names");
  });
});
