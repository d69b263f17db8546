import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDeployed, lastDeployed } from "../../../../runtime/preview/last-deployed-cache.ts";

describe("the record of a host", () => {
  let cacheRoot: string;
  beforeEach(() => {
    cacheRoot = mkdtempSync(path.join(tmpdir(), "cache-"));
  });
  afterEach(() => rmSync(cacheRoot, { recursive: true }));
  const place = () => ({ cacheRoot, environment: "prod", host: "web" });
  const file = () => path.join(cacheRoot, "stacks", "prod", "web.json");

  it("keeps what was deployed last, for each host and stack", async () => {
    expect(await lastDeployed(place())).toBeUndefined();
    await cacheDeployed(place(), "/nix/store/a");
    await cacheDeployed(place(), "/nix/store/b");
    expect(await lastDeployed(place())).toBe("/nix/store/b");
    expect(await lastDeployed({ ...place(), environment: "test" })).toBeUndefined();
    expect(await lastDeployed({ ...place(), host: "db" })).toBeUndefined();
  });

  it("is left alone when there is nothing new", async () => {
    await cacheDeployed(place(), "/nix/store/a");
    const { ino } = statSync(file());
    await cacheDeployed(place(), "/nix/store/a");
    expect(statSync(file()).ino).toBe(ino);
  });

  it("is not an error when it cannot be read", async () => {
    await cacheDeployed(place(), "/nix/store/a");
    writeFileSync(file(), "{");
    expect(await lastDeployed(place())).toBeUndefined();
  });
});
