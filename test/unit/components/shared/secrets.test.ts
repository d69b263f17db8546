import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secrets } from "../../../../components/shared/secrets.ts";
import { stackSecrecy } from "../../../../components/validate/plaintext-secrets.ts";
import { recordProgram } from "../mock-engine.ts";

const secrets = { "fleet:secrets": '{"web-disk":"open sesame"}' };

describe("Secrets", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  async function inProgram<T>(ask: (secrets: Secrets) => pulumi.Output<T>) {
    pulumi.runtime.setAllConfig(secrets, ["fleet:secrets"]);
    let asked: Promise<{ value: T; secret: boolean }> | undefined;
    await recordProgram(() => {
      const output = ask(new Secrets());
      asked = Promise.all([
        new Promise<T>((resolve, reject) => {
          // An Output has no way to hand on a failure but its own promise.
          const { promise } = output as unknown as { promise(): Promise<T> };
          promise.call(output).then(resolve, reject);
        }),
        pulumi.isSecret(output),
      ]).then(([value, secret]) => ({ value, secret }));
      asked.catch(() => {});
    });
    return await asked;
  }

  it("gives a value by name, as a secret", async () => {
    expect(await inProgram((all) => all.value("web-disk"))).toEqual({ value: "open sesame", secret: true });
  });

  it("gives the values of settings, as one secret", async () => {
    expect(await inProgram((all) => all.valuesOf({ "/tmp/disk.key": "web-disk" }))).toEqual({
      value: { "/tmp/disk.key": "open sesame" },
      secret: true,
    });
  });

  it("is secret also where there is nothing", async () => {
    expect(await inProgram((all) => all.valuesOf({}))).toEqual({ value: {}, secret: true });
  });
});

describe("stackSecrecy", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "fleet-secrecy-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    pulumi.runtime.setAllConfig({});
  });

  const mixed = "config:\n  fleet:secrets:\n    a: {secure: v1:x:y}\n    b: plain\n";

  it("asks Pulumi which keys are secret", async () => {
    pulumi.runtime.setAllConfig({ ...secrets, "fleet:hosts": "{}" }, ["fleet:secrets"]);
    await recordProgram(() => {
      const { isSecret } = stackSecrecy(folder);
      expect([isSecret("fleet:secrets"), isSecret("fleet:hosts")]).toEqual([true, false]);
    });
  });

  it("finds plain text in the stack's file", async () => {
    writeFileSync(path.join(folder, "Pulumi.test.yaml"), mixed);
    await recordProgram(() => expect(stackSecrecy(folder).plain).toEqual(["b"]));
  });

  it("finds the file where the project keeps it", async () => {
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: x\nstackConfigDir: stacks\n");
    mkdirSync(path.join(folder, "stacks"));
    writeFileSync(path.join(folder, "stacks", "Pulumi.test.yaml"), mixed);
    await recordProgram(() => expect(stackSecrecy(folder).plain).toEqual(["b"]));
  });

  it("lives without a file", async () => {
    await recordProgram(() => expect(stackSecrecy(folder).plain).toEqual([]));
  });
});
