import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import {
  cachedLoadBalancers,
  rememberBalancers,
} from "../../../../runtime/pulumi/validated-load-balancers.ts";

it("remembers what load balancers took, stack by stack", async () => {
  const cacheRoot = await mkdtemp(path.join(tmpdir(), "known-balancers-"));
  onTestFinished(() => rm(cacheRoot, { recursive: true }));
  const front = { type: "lb11", location: "nbg1", services: 1, targets: 2, certificates: 0 };
  expect(await cachedLoadBalancers({ cacheRoot, environment: "prod" })).toEqual({});
  await rememberBalancers({ cacheRoot, environment: "prod" }, { front });
  expect(await cachedLoadBalancers({ cacheRoot, environment: "prod" })).toEqual({ front });
  expect(await cachedLoadBalancers({ cacheRoot, environment: "test" })).toEqual({});
});
