import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Copy,
  copyOf,
  evaluate,
  evaluationError,
  miniatureFlake,
  nix,
  nixOutput,
  repository,
} from "./nix.ts";

const fleetModule = path.join(repository, "hosts/modules/fleet.nix");
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

describe("the real fleet module on it", () => {
  const wrapped = (host: string, modules: string, read: string) =>
    `(import "${repository}/test/integration/miniflake/wrapped.nix" {
        flake = "${flake.folder}"; host = "${host}"; fleetModule = "${fleetModule}"; modules = [ ${modules} ];
      }).${read}`;
  const facts = (ipv4OfDb: string) => `{
    fleet = {
      managed = true; stack = "fleet/prod"; environment = "prod"; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
      hosts.web = { provider = "hetzner"; ipv4 = throw "web has no address yet"; };
      hosts.db = { provider = "hetzner"; ipv4 = ${ipv4OfDb}; tags = [ "data" ]; };
    };
  }`;
  const unknown = facts('throw "db has no address yet"');
  const outPath = "config.system.build.toplevel.outPath";

  test("puts the deploy key into the system", async () => {
    const keys = 'config.environment.etc."ssh/authorized_keys.d/root".text';
    expect(await evaluate(wrapped("web", unknown, keys))).toBe("ssh-ed25519 AAAA deploy\n");
  });

  test("gives a system although facts nobody reads are unknown", async () => {
    const known = await evaluate(wrapped("web", facts('"198.51.100.9"'), outPath));
    expect(await evaluate(wrapped("web", unknown, outPath))).toBe(known);
  });

  test("makes a host that reads an unknown fact say which", async () => {
    expect(await evaluationError(wrapped("webfacts", unknown, outPath))).toContain("db has no address yet");
    const page = "config.services.httpd.page";
    expect(await evaluate(wrapped("webfacts", facts('"198.51.100.9"'), page))).toContain("198.51.100.9");
  });

  test("is taken once when the flake vendors a copy of its own", async () => {
    flake.write("vendored.nix", readFileSync(fleetModule, "utf8"));
    flake.edit("web/default.nix", "./disko.nix ]", "./disko.nix ../vendored.nix ]");
    const expression = wrapped("web", unknown, "config.users.users.root.openssh.authorizedKeys.keys");
    expect(await evaluate(expression)).toEqual(["ssh-ed25519 AAAA deploy"]);
  });

  test("refuses a host nobody could log in to", async () => {
    expect(await evaluationError(wrapped("web", "", outPath))).toContain("nobody could log in to this host");
    const own = '{ users.users.admin.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ]; }';
    expect(await evaluate(wrapped("web", own, outPath))).toMatch(/^\/nix\/store\//);
    const keyFile = `{ users.users.admin.openssh.authorizedKeys.keyFiles = [ ${flake.folder}/README.md ]; }`;
    expect(await evaluate(wrapped("web", keyFile, outPath))).toMatch(/^\/nix\/store\//);
    const allowed = "{ fleet.allowNoKeys = true; }";
    expect(await evaluate(wrapped("web", allowed, outPath))).toMatch(/^\/nix\/store\//);
  });

  test("refuses facts of another host's stack", async () => {
    const error = await evaluationError(wrapped("web", `${unknown} { fleet.self = "mail"; }`, outPath));
    expect(error).toContain("no host named `mail` is in the facts of stack `fleet/prod`");
  });

  test.each([
    [
      '{ fleet.deployKeys = "a key"; }',
      "fleet.deployKeys' is not of type `list of string'",
      "config.fleet.deployKeys",
    ],
    [
      '{ fleet.hosts.web = { provider = "hetzner"; ip = "x"; }; }',
      "`fleet.hosts.web.ip' does not exist",
      "config.fleet.hosts.web.ipv4",
    ],
    [
      '{ fleet.hosts.web.provider = "aws"; }',
      "fleet.hosts.web.provider' is not of type",
      "config.fleet.hosts.web.provider",
    ],
    [
      "{ fleet.hosts.web.tags = [ ]; }",
      "`fleet.hosts.web.provider' was accessed but has no value",
      "config.fleet.hosts.web.provider",
    ],
  ])("checks facts: %s", async (module, message, read) => {
    expect(await evaluationError(wrapped("web", module, read))).toContain(message);
  });
});
