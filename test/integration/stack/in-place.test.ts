import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** A server whose stock system NixOS takes the place of, from the first `up` on. In order. */
describe("a server with bootstrap: infect", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
    const { hosts, editHosts } = fixture.project;
    for (const file of ["lustrate.nix", "lustrate.sh"])
      cpSync(path.join(packageRoot(), "hosts/modules", file), path.join(hosts, "web", file));
    execFileSync("git", ["add", "web"], { cwd: hosts });
    const root = 'fileSystems."/" = { device = "/dev/disk/by-label/cloudimg-rootfs"; fsType = "ext4"; };';
    editHosts("web/default.nix", "imports = [ ./disko.nix ];", `imports = [ ./lustrate.nix ]; ${root}`);
    fixture.configure({ web: { bootstrap: "infect" } });
  });
  afterAll(() => fixture?.close());

  it("is installed in place and deployed with one up, and the old system lies aside", async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const host = await fixture.host("web");
    expect((await lifeOf(fixture, "web")).system).toBe(host.system);
    expect((await onHost(fixture, "web", "ls", "/old-root")).split("\n")).toContain("etc");
    expect(await pageOf(host.address)).toBe("Hello from web, version 1");
  });

  it("stays as it is with the second up", async () => {
    expectUnchanged(await fixture.up());
  });

  it("is deployed to like any other host, with the same life", async () => {
    const before = await lifeOf(fixture, "web");
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    const { address } = await fixture.host("web");
    expect(await pageOf(address)).toBe("Hello from web, version 2");
    const { installId, bootId } = await lifeOf(fixture, "web");
    expect({ installId, bootId }).toEqual({ installId: before.installId, bootId: before.bootId });
  });
});
