import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { onHost } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** What a preview says of systems that change, and what it finds on the hosts. On the real engine, in order. */
describe("a preview", () => {
  let fixture: StackFixture;

  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: {}, db: {} });
    fixture.project.editHosts("web/default.nix", "{\n", `{\n${tool("1.9")}`);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
  });
  afterAll(() => fixture.close());

  /** A setting that brings a package of this version. */
  function tool(version: string): string {
    const packages = `(import ../lib/pkgs.nix { system = "x86_64-linux"; })`;
    return `  environment.etc.tool.source = ${packages}.writeText "tool-${version}" "text ${"x".repeat(version.length * 9)}";\n`;
  }

  /** What is printed below "Diagnostics", without the indentation. */
  function diagnostics(output: string): string[] {
    const text = stripVTControlCharacters(output).split(/^Diagnostics:$/m)[1] ?? "";
    const end = text.search(/^\S/m);
    return text
      .slice(0, end < 0 ? undefined : end)
      .split("\n")
      .map((line) => line.replace(/^ {4}/, ""))
      .filter((line) => line.trim() !== "");
  }

  const currentOf = async (host: string) =>
    (await onHost(fixture, host, "readlink", "/run/current-system")).trim();
  /** What somebody does who does not know of us. */
  const activate = (host: string, system: string) =>
    onHost(fixture, host, `${system}/bin/switch-to-configuration`, "test");

  /** SSH connections the host has had. */
  const connectionsTo = async (host: string) =>
    (await machineOf(host).sshCommands()).filter(({ command }) => command?.includes("fleet-ready") === true)
      .length;

  it("says nothing of hosts that stay as they are, and connects to each once", async () => {
    const before = [await connectionsTo("web"), await connectionsTo("db")];
    const run = await fixture.preview();
    expectUnchanged(run);
    expect(diagnostics(run.output)).toEqual([]);
    const after = [await connectionsTo("web"), await connectionsTo("db")];
    expect(after).toEqual(before.map((count) => count + 1));
  });

  it("tells the packages of a change, and builds nothing for it", async () => {
    fixture.project.editHosts("web/default.nix", tool("1.9"), tool("1.10"));
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const run = await fixture.preview();
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(diagnostics(run.output)).toEqual([
      "  nixos:index:NixosDeployment (web-deployment):",
      expect.stringMatching(/^web: nixos-system-web-\S+ \(\S{7}\) → nixos-system-web-\S+ \(\S{7}\)$/),
      "  packages  tool  1.9 → 1.10",
      expect.stringMatching(/^ {2}rebuilt {3}1 path /),
      expect.stringMatching(/^ {2}unknown {3}size, units, reboot: nothing was built/),
    ]);
  });

  it("tells files, size, units and reboot as well where it may build", async () => {
    fixture.configure({ web: {}, db: {} }, { "fleet:preview": "full" });
    fixture.project.editHosts("web/default.nix", "{\n", '{\n  boot.kernelParams = [ "quiet" ];\n');
    const before = await currentOf("web");
    const run = await fixture.preview();
    expect(diagnostics(run.output).slice(2)).toEqual([
      "  packages  tool  1.9 → 1.10",
      expect.stringMatching(/^ {2}rebuilt {3}1 path /),
      expect.stringMatching(/^ {2}files {5}\d+ new, \d+ removed$/),
      expect.stringMatching(/^ {2}size {6}[\d.]+ KiB, \d+ B (more|less)$/),
      "  units     restart httpd.service",
      "  reboot    needed for kernel-params",
    ]);
    expect(await currentOf("web")).toBe(before);
  });

  it("says nothing where it is not to", async () => {
    fixture.configure({ web: {}, db: {} }, { "fleet:preview": "off" });
    const run = await fixture.preview();
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(diagnostics(run.output)).toEqual([]);
  });

  it("reports drift, and an update leaves it alone", async () => {
    const first = await currentOf("web");
    fixture.configure({ web: {}, db: {} });
    expect((await fixture.up()).ok).toBe(true);
    await activate("web", first);
    const run = await fixture.preview();
    expectUnchanged(run);
    const said = diagnostics(run.output).join("\n");
    expect(said).toMatch(
      /warning: web: drift: it runs nixos-system-web-\S+ \(\S{7}\); deployed was nixos-system-web/,
    );
    expect(said).toContain("changed not through fleet, since 20");
    expect(said).toContain("drift: repair for web");
    expectUnchanged(await fixture.up());
    expect(await currentOf("web")).toBe(first);
  });

  it("does not look where drift does not matter", async () => {
    fixture.configure({ web: { drift: "off" }, db: {} });
    const before = (await machineOf("web").sshCommands()).length;
    const run = await fixture.preview();
    expectUnchanged(run);
    expect(diagnostics(run.output)).toEqual([]);
    expect((await machineOf("web").sshCommands()).length).toBe(before);
  });

  it("repairs drift exactly once, every time it comes up", async () => {
    const drifted = await currentOf("web");
    fixture.configure({ web: { drift: "repair" }, db: { drift: "repair" } });
    for (const _time of [1, 2]) {
      const preview = await fixture.preview();
      expect(preview.changes, preview.output).toEqual({ "web-deployment-run": "replace" });
      const repair = await fixture.up();
      expect(repair.ok, repair.output).toBe(true);
      expect(repair.changes).toEqual({ "web-deployment-run": "replace" });
      expect(await currentOf("web")).toBe((await fixture.host("web")).system);
      expectUnchanged(await fixture.up());
      await activate("web", drifted);
    }
  });

  it("goes on without a host that does not answer, repairs nothing there, and tells what it remembers", async () => {
    const before = await fixture.host("web");
    await machineOf("web").powerOff();
    const started = Date.now();
    const run = await fixture.preview();
    expect(Date.now() - started).toBeLessThan(60_000);
    expectUnchanged(run);
    expect(diagnostics(run.output).join("\n")).toContain(
      `web: not checked: ${before.address} port 22 could not be`,
    );
    fixture.project.editHosts("web/default.nix", tool("1.10"), tool("2.0"));
    const changed = await fixture.preview();
    expect(changed.changes).toEqual({ "web-deployment-run": "replace" });
    expect(diagnostics(changed.output)).toContain("  packages  tool  1.10 → 2.0");
    await machineOf("web").powerOn();
  });

  it("tells of the other hosts where one cannot be evaluated, and ends", async () => {
    const mistake = "{\n  services.httpd.pgae = 1;\n";
    fixture.project.editHosts("db/default.nix", "{\n", mistake);
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("services.httpd.pgae");
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(diagnostics(run.output)).toContain("  packages  tool  1.10 → 2.0");
    fixture.project.editHosts("db/default.nix", mistake, "{\n");
  });

  it("refuses an edited disk layout, and what destroys nothing goes through", async () => {
    fixture.configure({ web: {}, db: {} });
    const file = "web/disko.nix";
    fixture.project.editHosts(file, '"16M"', '"17M"');
    const refused = await fixture.preview();
    expect(refused.ok, refused.output).toBe(false);
    const said = diagnostics(refused.output).join("\n");
    expect(said).toContain(
      "error: web: disk layout failed: the configuration's disk layout is not the one on",
    );
    expect(said).toContain('disk.main.content.partitions.ESP.size: "16M" → "17M"');
    expect(said).toContain("set acceptDiskLayout: true");
    fixture.configure({ web: { acceptDiskLayout: true }, db: {} });
    expect((await fixture.preview()).ok).toBe(true);
    fixture.configure({ web: {}, db: {} });
    fixture.project.editHosts(file, '"17M"', '"16M"');
    fixture.project.editHosts(file, 'mountpoint = "/";', 'mountpoint = "/"; mountOptions = [ "noatime" ];');
    const harmless = await fixture.preview();
    expect(harmless.ok, harmless.output).toBe(true);
  });

  const machineOf = (host: string) => {
    const server = fixture.cloud.inventory().find(({ kind, name }) => kind === "servers" && name === host);
    const machine = server === undefined ? undefined : fixture.machines.find(`hc-${server.id}`);
    if (machine === undefined) throw new Error(`the cloud has no machine for ${host}`);
    return machine;
  };
});
