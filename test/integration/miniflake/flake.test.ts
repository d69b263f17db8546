import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Copy, copyOf, evaluate, miniatureFlake, nix, nixOutput } from "./nix.ts";

const page = 'page = "Hello from web, version 1"';

let flake: Copy;
beforeEach(() => {
  flake = copyOf(miniatureFlake);
});
afterEach(() => flake.remove());

const attribute = (host: string, name: string) => `path:${flake.folder}#nixosConfigurations.${host}.${name}`;
const toplevel = (host: string) =>
  nixOutput("eval", "--raw", attribute(host, "config.system.build.toplevel"));
const disko = (host: string) =>
  nixOutput("eval", "--raw", attribute(host, "config.system.build.diskoScript"));

describe("a host of the miniature flake", () => {
  test("has the attributes deployment tools read", async () => {
    expect(
      await evaluate(`
        let web = (builtins.getFlake "path:${flake.folder}").nixosConfigurations.web; in {
          platforms = [ web.pkgs.system web.config.pkgs.system web.config.nixpkgs.hostPlatform ];
          settings = web.config.nix.settings;
          inherit (web.config.networking) hostName;
          ports = web.config.networking.firewall.allowedTCPPorts;
          scripts = map (name: web.config.system.build.\${name} ? drvPath) [
            "diskoScript" "diskoScriptNoDeps" "formatScript" "formatScriptNoDeps" "mountScript" "mountScriptNoDeps" "destroyScript" ];
          optionHere = web.options.services.httpd.page.isDefined;
          extended = (web.extendModules { modules = [ { networking.hostName = web.lib.mkForce "other"; } ]; }).config.networking.hostName;
        }`),
    ).toEqual({
      platforms: ["x86_64-linux", "x86_64-linux", "x86_64-linux"],
      settings: {
        "experimental-features": [],
        substituters: [],
        "trusted-public-keys": [],
        "trusted-users": [],
      },
      hostName: "web",
      ports: expect.arrayContaining([22, 80]),
      scripts: [true, true, true, true, true, true, true],
      optionHere: true,
      extended: "other",
    });
  });

  test("builds into a closure of several paths that looks like a NixOS system", async () => {
    const system = await nixOutput(
      "build",
      "--no-link",
      "--print-out-paths",
      attribute("web", "config.system.build.toplevel"),
    );
    const closure = (await nixOutput("path-info", "--recursive", system)).split("\n");
    expect(closure.length).toBeGreaterThan(4);
    const listing: unknown = JSON.parse(await nixOutput("store", "ls", "--json", "--recursive", system));
    expect(listing).toMatchObject({
      entries: {
        activate: { executable: true },
        bin: { type: "directory" },
        etc: { type: "symlink" },
        init: { executable: true },
        initrd: {},
        kernel: {},
        "kernel-params": {},
        "nixos-version": {},
        sw: { type: "symlink" },
        "switch-inhibitors": {},
        system: {},
      },
    });
  });
});

describe("the disk script of a host", () => {
  test("hands the layout over as quoted arguments, in the order of the disk", async () => {
    flake.edit("web/disko.nix", 'device = "/dev/sda"', `device = "/dev/it's a disk"`);
    const attributes = ["diskoScript", "formatScript"].map((name) =>
      attribute("web", `config.system.build.${name}`),
    );
    const scripts = await nixOutput("build", "--no-link", "--print-out-paths", ...attributes);
    const texts = scripts.split("\n").map((script) => readFileSync(script, "utf8"));
    const layout = [
      ...["disk-main-boot", "EF02", "1M", "none", "none", "none"],
      ...["disk-main-ESP", "EF00", "16M", "none", "none", "none"],
      ...["disk-main-root", "8300", "100%", "ext4", "/", "defaults"],
    ].map((argument) => `'${argument}'`);
    for (const [index, modes] of ["destroy,format,mount", "format"].entries()) {
      const lines = texts[index]?.replace(/\/nix\/store\/[a-z0-9]{32}-/, "").split("\n");
      const call = [
        "/bin/bash",
        "disko.sh",
        `'${modes}'`,
        "'/mnt'",
        "'/dev/it'\\''s a disk'",
        ...layout,
      ].join(" ");
      expect(lines).toEqual(["#!/bin/sh", "set -eu", "# tools: brought along", call, ""]);
    }
  });
});

describe("what changes a system", () => {
  test("a comment, a README and a file nobody imports do not", async () => {
    const before = [await toplevel("web"), await disko("web"), await toplevel("db")];
    flake.edit("web/default.nix", page, `# A comment.\n    ${page}`);
    flake.append("flake.nix", "# A comment.\n");
    flake.append("modules/httpd.nix", "# A comment.\n");
    flake.append("README.md", "More words.\n");
    flake.write("unrelated.txt", "more\n");
    expect([await toplevel("web"), await disko("web"), await toplevel("db")]).toEqual(before);
  });

  test("a line of web changes web alone", async () => {
    const before = { web: await toplevel("web"), db: await toplevel("db") };
    flake.edit("web/default.nix", page, 'page = "Hello from web, version 2"');
    expect(await toplevel("web")).not.toBe(before.web);
    expect(await toplevel("db")).toBe(before.db);
  });

  test("a new partition size changes the disk script, not the system", async () => {
    const before = { system: await toplevel("web"), disko: await disko("web") };
    flake.edit("web/disko.nix", '"16M"', '"32M"');
    expect(await toplevel("web")).toBe(before.system);
    expect(await disko("web")).not.toBe(before.disko);
  });
});

describe("mistakes in a host's file", () => {
  test.each([
    [
      "services.htpd.enable = true;",
      "The option `services.htpd' does not exist. Definition values:\n       - In `/nix/store/",
    ],
    ["systemd.services.x.serviceConfig.ExecStart = 5;", "ExecStart' is not of type `string'"],
    ['faults.inject = "everything";', "A definition for option `faults.inject' is not of type `one of"],
    [
      'assertions = [ { assertion = false; message = "never so"; } ];',
      "Failed assertions:\n       - never so",
    ],
  ])("%s", async (line, message) => {
    flake.edit("web/default.nix", "services.httpd = {", `${line}\n  services.httpd = {`);
    const answer = await nix("eval", "--raw", attribute("web", "config.system.build.toplevel"));
    expect(answer.ok).toBe(false);
    expect(answer.stderr).toContain(message);
  });

  test("leave the other hosts alone", async () => {
    const before = await toplevel("db");
    flake.edit("web/default.nix", "services.httpd = {", "services.htpd = {");
    expect(await toplevel("db")).toBe(before);
  });

  test("a missing host is Nix's own error", async () => {
    const answer = await nix("eval", "--raw", attribute("mail", "config.system.build.toplevel"));
    expect(answer.stderr).toMatch(/does not provide attribute/);
  });
});

describe("faults", () => {
  test("evaluation: the host does not evaluate, its neighbours do", async () => {
    const answer = await nix("eval", "--raw", attribute("badeval", "config.system.build.toplevel"));
    expect(answer.stderr).toContain("this host does not evaluate");
    expect(await toplevel("web")).toMatch(/^\/nix\/store\//);
  });

  test("build: the host evaluates and does not build", async () => {
    expect(await toplevel("badbuild")).toMatch(/^\/nix\/store\//);
    const answer = await nix("build", "--no-link", attribute("badbuild", "config.system.build.toplevel"));
    expect(answer.ok).toBe(false);
    expect(answer.stderr).toContain("faults.inject: this system does not build");
  });

  test("one line in a host's file is enough", async () => {
    flake.edit("db/default.nix", "services.database", 'faults.inject = "evaluation";\n  services.database');
    const answer = await nix("eval", "--raw", attribute("db", "config.system.build.toplevel"));
    expect(answer.stderr).toContain("this host does not evaluate");
  });
});
