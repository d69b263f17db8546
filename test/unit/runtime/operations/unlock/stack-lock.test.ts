import { describe, expect, it } from "vitest";
import {
  describeStackLock,
  lockFolder,
  ownerState,
  parseStackLock,
} from "../../../../../runtime/operations/unlock/stack-lock.ts";

const lock = { pid: 42, username: "ada", hostname: "desk", timestamp: "2026-11-21T09:03:05.394248895Z" };
const running = (name: string) => (pid: number) => (pid === 42 ? { pid, parent: 1, name } : undefined);

describe("parseStackLock", () => {
  it("reads what Pulumi writes", () => {
    expect(parseStackLock(JSON.stringify(lock))).toEqual(lock);
  });

  it("takes nothing else for a lock", () => {
    expect(parseStackLock("")).toBeUndefined();
    expect(parseStackLock(JSON.stringify({ ...lock, pid: "42" }))).toBeUndefined();
    expect(parseStackLock(JSON.stringify({ ...lock, hostname: undefined }))).toBeUndefined();
  });
});

describe("ownerState", () => {
  it("knows a running engine", () => {
    expect(ownerState(lock, "desk", running("pulumi"))).toBe("running");
    expect(ownerState(lock, "desk", running(".pulumi-wrapped"))).toBe("running");
  });

  it("knows a process that is gone, and one that only has its id", () => {
    expect(ownerState(lock, "desk", () => undefined)).toBe("gone");
    expect(ownerState(lock, "desk", running("pulumi-resource"))).toBe("gone");
  });

  it("knows nothing of other machines, whatever runs here", () => {
    expect(ownerState(lock, "ci", () => undefined)).toBe("elsewhere");
  });
});

describe("lockFolder", () => {
  const stack = { project: "pulumi-nixos", name: "prod" };

  it.each([
    ["file:///srv/state", "/srv/state/.pulumi/locks/organization/pulumi-nixos/prod"],
    ["file:///srv/state/", "/srv/state/.pulumi/locks/organization/pulumi-nixos/prod"],
    ["file:///srv/my%20state?no_tmp_dir=true", "/srv/my state/.pulumi/locks/organization/pulumi-nixos/prod"],
    ["file://~", "/home/ada/.pulumi/locks/organization/pulumi-nixos/prod"],
    ["file://~/fleet", "/home/ada/fleet/.pulumi/locks/organization/pulumi-nixos/prod"],
  ])("%s", (url, folder) => {
    expect(lockFolder(url, stack, "/home/ada")).toBe(folder);
  });

  it("takes a full stack name", () => {
    const full = { project: "pulumi-nixos", name: "organization/pulumi-nixos/prod" };
    expect(lockFolder("file:///s", full, "/")).toBe("/s/.pulumi/locks/organization/pulumi-nixos/prod");
  });

  it.each(["s3://bucket", "https://app.pulumi.com/ada", "azblob://c"])("%s shows no folder", (url) => {
    expect(lockFolder(url, stack, "/home/ada")).toBeUndefined();
  });
});

describe("describeStackLock", () => {
  it("names person, machine, process and time", () => {
    expect(describeStackLock(lock)).toBe("ada@desk (process 42, since 2026-11-21T09:03:05.394248895Z)");
  });
});
