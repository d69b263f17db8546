import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** One stack through its whole life, in order: each test goes on where the one before stopped. */
describe("a stack of two hosts", () => {
  let fixture: StackFixture;
  let webLife: Awaited<ReturnType<typeof lifeOf>>;
  let dbLife: Awaited<ReturnType<typeof lifeOf>>;
  const hosts = { web: { firewall: { tcp: [80] } }, db: {} };

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure(hosts);
  });
  afterAll(() => fixture.close());

  it("creates, installs and deploys with the first up", async () => {
    const run = await fixture.up();
    expect(run.output).toContain("[7/7] verify");
    expect(run.ok, run.output).toBe(true);
    webLife = await lifeOf(fixture, "web");
    dbLife = await lifeOf(fixture, "db");
    expect(webLife.system).toBe((await fixture.host("web")).system);
    expect(dbLife.system).toBe((await fixture.host("db")).system);
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 1");
  });

  it("shows the host key that was made for the host, and no other", async () => {
    const key = await onHost(fixture, "web", "cat", "/etc/ssh/ssh_host_ed25519_key.pub");
    expect(key.split(" ").slice(0, 2).join(" ")).toBe((await fixture.host("web")).hostPublicKey);
    expect(await onHost(fixture, "web", "stat", "-c", "%a %U", "/etc/ssh/ssh_host_ed25519_key")).toBe(
      "600 root",
    );
  });

  it("changes nothing with the second up, and asks the cloud nothing", async () => {
    fixture.cloud.journal.clear();
    const run = await fixture.up();
    expectUnchanged(run);
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("starts no Nix process for a flake that has not changed", async () => {
    const trap = path.join(fixture.project.folder, "trap");
    mkdirSync(trap, { recursive: true });
    writeFileSync(path.join(trap, "nix"), `#!/bin/sh\ntouch ${trap}/called\nexit 1\n`, { mode: 0o755 });
    const { environment, folder } = fixture.project;
    const env = { ...environment, PATH: `${trap}:${environment["PATH"] ?? ""}` };
    const preview = () => spawnSync("pulumi", ["preview", "--stack", "test"], { cwd: folder, env }).status;
    expect(preview()).toBe(0);
    expect(readdirSync(trap)).toEqual(["nix"]);
    fixture.project.editHosts("web/default.nix", "version 1", "version 0");
    expect(preview()).not.toBe(0);
    expect(readdirSync(trap)).toContain("called");
    fixture.project.editHosts("web/default.nix", "version 0", "version 1");
  });

  it("changes nothing for a comment in a host's file or a new README", async () => {
    fixture.project.editHosts("web/default.nix", "{\n", "# a comment\n{\n");
    writeFileSync(path.join(fixture.project.hosts, "README.md"), "# Our hosts, explained\n");
    const run = await fixture.preview();
    expectUnchanged(run);
  });

  it("redeploys only the host whose system changed, in place", async () => {
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    expect((await fixture.preview()).changes).toEqual({ "web-deployment-run": "replace" });
    const run = await fixture.up();
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(run.ok, run.output).toBe(true);
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 2");
    const after = await lifeOf(fixture, "web");
    expect(after).toMatchObject({ installId: webLife.installId, bootId: webLife.bootId });
    expect(after.system).not.toBe(webLife.system);
    expect(await lifeOf(fixture, "db")).toEqual(dbLife);
  });

  it("touches no install for a label", async () => {
    fixture.configure({ ...hosts, web: { ...hosts.web, labels: { team: "a" } } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "web-instance": "update",
      "web-ipv4": "update",
      "web-ipv6": "update",
      "web-firewall": "update",
    });
  });

  it("shows no difference on refresh", async () => {
    const run = await fixture.refresh();
    expectUnchanged(run);
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("reinstalls for a new token only, and deploys after it", async () => {
    fixture.configure({ ...hosts, web: { ...hosts.web, labels: { team: "a" }, reinstall: "once more" } });
    const warning = 'web will be reinstalled (reinstall: none → "once more"): all data on /dev/sda is lost';
    expect((await fixture.preview()).output).toContain(warning);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toContain(warning);
    expect(run.changes).toEqual({ "web-install-run": "replace", "web-deployment-run": "replace" });
    const next = await fixture.preview();
    expect(next.output).not.toContain("reinstall");
    expectUnchanged(next);
    const after = await lifeOf(fixture, "web");
    expect(after.installId).not.toBe(webLife.installId);
    expect(await lifeOf(fixture, "db")).toEqual(dbLife);
  });

  it("installs and deploys anew on a replaced server, which keeps its addresses and its identity", async () => {
    const before = await fixture.host("web");
    const replaced = await fixture.up({ replace: [await urnOf(fixture, "web-instance")] });
    expect(replaced.ok, replaced.output).toBe(true);
    const after = await fixture.host("web");
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ address: before.address, hostPublicKey: before.hostPublicKey });
    expect((await lifeOf(fixture, "web")).system).toBe(after.system);
    expect(await lifeOf(fixture, "db")).toEqual(dbLife);
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});

async function urnOf(fixture: StackFixture, name: string): Promise<string> {
  const state = await fixture.exportStack();
  const resources: { urn: string }[] = state.deployment.resources;
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no resource named ${name}`);
  return found.urn;
}
