import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { stackCache } from "../../../../runtime/platform/stack-cache.ts";
import { lastDeployed } from "../../../../runtime/preview/last-deployed-cache.ts";
import { validatedLoadBalancers, validatedServers } from "../../../../runtime/pulumi/validated-choices.ts";

let cacheRoot: string;
beforeEach(() => {
  cacheRoot = mkdtempSync(path.join(tmpdir(), "stack-cache-"));
});
afterEach(() => rmSync(cacheRoot, { recursive: true }));

const stack = (environment = "prod") => ({ cacheRoot, environment });
const file = (name: string) => path.join(cacheRoot, "stacks", "prod", `${name}.json`);
const numbers = stackCache("_numbers", z.array(z.number()));

describe("a cache of a stack", () => {
  it("keeps one value for each stack", async () => {
    expect(await numbers.read(stack())).toBeUndefined();
    await numbers.write(stack(), [1]);
    await numbers.write(stack(), [1, 2]);
    expect(await numbers.read(stack())).toEqual([1, 2]);
    expect(await numbers.read(stack("test"))).toBeUndefined();
  });

  it("is left alone when there is nothing new", async () => {
    await numbers.write(stack(), [1]);
    const { ino } = statSync(file("_numbers"));
    await numbers.write(stack(), [1]);
    expect(statSync(file("_numbers")).ino).toBe(ino);
  });

  it.each([
    ["cut off", "{"],
    ["of another version", '{ "version": 2, "value": [1] }'],
    ["of another shape", '{ "version": 1, "value": "one" }'],
  ])("knows nothing where its file is %s", async (_, text) => {
    await numbers.write(stack(), [1]);
    writeFileSync(file("_numbers"), text);
    expect(await numbers.read(stack())).toBeUndefined();
  });
});

it("remembers what servers and load balancers took, and what was deployed to each host, side by side", async () => {
  const web = { provider: "hetzner" as const, serverType: "cx23", locations: ["nbg1"], image: "debian-12" };
  const front = { type: "lb11", location: "nbg1", services: 1, targets: 2, certificates: 0 };
  await validatedServers.write(stack(), { web });
  await validatedLoadBalancers.write(stack(), { front });
  await lastDeployed("web").write(stack(), "/nix/store/a");
  expect(await validatedServers.read(stack())).toEqual({ web });
  expect(await validatedLoadBalancers.read(stack())).toEqual({ front });
  expect(await lastDeployed("web").read(stack())).toBe("/nix/store/a");
  expect(await lastDeployed("db").read(stack())).toBeUndefined();
});
