import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type IsolatedMachine, startIsolatedMachine } from "./isolated-machine.ts";
import { type Copy, copyOf, miniatureFlake, nixOutput } from "./nix.ts";

const build = (flake: string, host: string) =>
  nixOutput(
    "build",
    "--no-link",
    "--print-out-paths",
    `path:${flake}#nixosConfigurations.${host}.config.system.build.toplevel`,
  );

let edited: Copy;
const systems: Record<string, string> = {};
const system = (name: string): string => {
  const built = systems[name];
  if (built === undefined) throw new Error(`no system ${name} was built`);
  return built;
};

/** Systems of the flake as it is, and some of an edited copy. */
beforeAll(async () => {
  for (const host of ["web", "db", "badunits", "badactivate", "crashloop", "killssh"]) {
    systems[host] = await build(miniatureFlake, host);
  }
  edited = copyOf(miniatureFlake);
  edited.edit("web/default.nix", "version 1", "version 2");
  systems["web2"] = await build(edited.folder, "web");
  edited.edit(
    "web/default.nix",
    "services.httpd = {",
    "systemd.services.httpd.restartIfChanged = false;\n  services.httpd = {",
  );
  systems["web2kept"] = await build(edited.folder, "web");
  edited.edit(
    "db/default.nix",
    "services.database",
    'users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];\n  system.switch.inhibitors.systemd = "2";\n  services.database',
  );
  systems["db2"] = await build(edited.folder, "db");
});
afterAll(() => edited.remove());

let machine: IsolatedMachine;
beforeEach(async () => {
  machine = await startIsolatedMachine();
});
afterEach(() => machine.close());

const boot = (name: string) => machine.run(`${system(name)}/init`);
const to = (name: string, action: string, ...environment: readonly string[]) =>
  machine.run("env", ...environment, `${system(name)}/bin/switch-to-configuration`, action);
const page = async () => (await machine.run("/usr/bin/busybox", "wget", "-qO-", "http://127.0.0.1/")).stdout;
const current = async () => (await machine.run("readlink", "/run/current-system")).stdout;
const systemctl = (...args: readonly string[]) =>
  machine.run("/run/current-system/sw/bin/systemctl", ...args);
const property = async (unit: string, name: string) => (await systemctl("show", "-p", name, unit)).stdout;
const started = async (unit: string) => await machine.read(`/run/units/${unit}/runner`);

describe("boot", () => {
  test("activates the system and starts its services", async () => {
    expect((await boot("web")).exitCode).toBe(0);
    expect(await page()).toBe("Hello from web, version 1");
    expect((await machine.run("hostname")).stdout).toBe("web");
    expect(await machine.read("/etc/os-release")).toContain("ID=nixos\n");
    expect(await current()).toBe(system("web"));
    expect((await machine.run("readlink", "/run/booted-system")).stdout).toBe(system("web"));
    expect((await systemctl("is-system-running")).stdout).toBe("running");
  });

  test("says when a service failed and when the activation did", async () => {
    expect((await boot("badunits")).exitCode).toBe(4);
    await machine.close();
    machine = await startIsolatedMachine();
    expect((await boot("badactivate")).exitCode).toBe(2);
    expect(await page()).toBe("Hello from web, version 1");
  });
});

describe("switch-to-configuration", () => {
  test("switch: restarts what changed, sets the boot default, leaves the rest running", async () => {
    await boot("web");
    const before = await started("httpd");
    const same = await to("web", "switch");
    expect([same.exitCode, same.stderr]).toEqual([0, "activating the configuration..."]);
    expect(await started("httpd")).toBe(before);
    const { exitCode, stderr } = await to("web2", "switch");
    expect([exitCode, stderr]).toEqual([
      0,
      "activating the configuration...\nrestarting the following units: httpd.service",
    ]);
    expect(await started("httpd")).not.toBe(before);
    expect(await page()).toBe("Hello from web, version 2");
    expect(await machine.read("/boot/loader/default")).toBe(system("web2"));
  });

  test("stops what is gone and starts what is new", async () => {
    await boot("web");
    const { stderr } = await to("db", "test");
    expect(stderr).toContain("stopping the following units: httpd.service");
    expect(stderr).toContain("the following new units were started: database.service");
    expect((await machine.run("/usr/bin/busybox", "wget", "-qO-", "http://127.0.0.1/")).exitCode).not.toBe(0);
    expect((await machine.run("pgrep", "httpd")).exitCode).toBe(1);
    const echo = await machine.run("sh", "-c", "echo hello | busybox nc -w 1 127.0.0.1 5432");
    expect(echo.stdout).toBe("hello");
  });

  test("test: runs the system, leaves the boot default alone", async () => {
    await boot("web");
    await to("web", "boot");
    await to("web2", "test");
    expect(await current()).toBe(system("web2"));
    expect(await machine.read("/boot/loader/default")).toBe(system("web"));
  });

  test("boot: sets the boot default, runs nothing", async () => {
    await boot("web");
    expect((await to("web2", "boot", "NIXOS_INSTALL_BOOTLOADER=1")).exitCode).toBe(0);
    expect(await machine.read("/boot/loader/default")).toBe(system("web2"));
    expect(await current()).toBe(system("web"));
    expect(await page()).toBe("Hello from web, version 1");
    expect(await machine.read("/var/log/activations")).toMatch(
      new RegExp(`^\\d+ boot ${system("web2")} install-bootloader=1$`),
    );
  });

  test("dry-activate: says what would happen, and does nothing", async () => {
    await boot("web");
    const { exitCode, stderr } = await to("db", "dry-activate");
    expect([exitCode, stderr.split("\n")]).toEqual([
      0,
      [
        "would stop the following units: httpd.service",
        "would activate the configuration...",
        "would start the following units: database.service",
      ],
    ]);
    expect((await to("web2", "dry-activate")).stderr).toContain(
      "would restart the following units: httpd.service",
    );
    expect(await page()).toBe("Hello from web, version 1");
    expect(await current()).toBe(system("web"));
  });

  test("does not restart a changed unit that asks for that", async () => {
    await boot("web");
    const before = await started("httpd");
    const { stderr } = await to("web2kept", "test");
    expect(stderr).toContain("NOT restarting the following changed units: httpd.service");
    expect(await started("httpd")).toBe(before);
  });

  test("starts a service again that died", async () => {
    await boot("web");
    await machine.run("pkill", "-KILL", "-x", "busybox");
    await expect.poll(() => property("httpd", "ActiveState")).toBe("ActiveState=failed");
    expect((await to("web", "test")).exitCode).toBe(0);
    expect(await page()).toBe("Hello from web, version 1");
  });

  test("a unit that fails: exit code 4, the system runs", async () => {
    await boot("web");
    const { exitCode, stderr } = await to("badunits", "test");
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringContaining("the following units failed: broken.service"),
    ]);
    expect((await systemctl("list-units", "--failed")).stdout).toMatch(
      /^broken\.service loaded failed failed/,
    );
    expect((await systemctl("is-system-running")).exitCode).toBe(1);
    expect(await page()).toBe("Hello from web, version 1");
    expect((await to("web", "test")).exitCode).toBe(0);
    expect((await systemctl("is-system-running")).stdout).toBe("running");
  });

  test("an activation that fails: exit code 2", async () => {
    await boot("web");
    const { exitCode, stderr } = await to("badactivate", "switch");
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("Activation script snippet 'fault' failed"),
    ]);
    expect(await current()).toBe(system("badactivate"));
  });

  test("a crash loop is no failure, and shows in the number of restarts", async () => {
    await boot("web");
    expect((await to("crashloop", "test")).exitCode).toBe(0);
    await expect.poll(() => property("unstable", "NRestarts"), { timeout: 10_000 }).toBe("NRestarts=2");
    expect((await systemctl("show", "-p", "ActiveState,SubState", "unstable.service")).stdout).toBe(
      "ActiveState=activating\nSubState=auto-restart",
    );
  });

  test("one at a time: the lock held is exit code 1 and nothing done", async () => {
    await boot("web");
    await machine.run("mkdir", "-p", "/run/nixos");
    const lock = "/run/nixos/switch-to-configuration.lock";
    const { exitCode, stderr } = await machine.run(
      "flock",
      lock,
      `${system("web2")}/bin/switch-to-configuration`,
      "switch",
    );
    expect([exitCode, stderr]).toEqual([1, "Could not acquire lock: another activation is running"]);
    expect(await current()).toBe(system("web"));
    expect((await to("web2", "switch")).exitCode).toBe(0);
  });

  test("services do not keep the lock", async () => {
    await boot("web");
    await to("db", "switch");
    expect((await to("web", "switch")).exitCode).toBe(0);
  });

  test("different switch inhibitors refuse switch, test and check, not boot", async () => {
    await boot("db");
    for (const action of ["switch", "test", "check"]) {
      const { exitCode, stderr } = await to("db2", action);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining("There are changes to critical components"),
      ]);
    }
    expect(await current()).toBe(system("db"));
    expect((await to("db", "check")).exitCode).toBe(0);
    expect((await to("db2", "boot")).exitCode).toBe(0);
    expect((await to("db2", "test", "NIXOS_NO_CHECK=1")).exitCode).toBe(0);
    expect(await current()).toBe(system("db2"));
  });

  test("keys come, and go with the system that brought them", async () => {
    await boot("db");
    const keys = "/etc/ssh/authorized_keys.d/root";
    expect((await machine.run("test", "-e", keys)).exitCode).toBe(1);
    await to("db2", "switch", "NIXOS_NO_CHECK=1");
    expect(await machine.read(keys)).toBe("ssh-ed25519 AAAA me");
    expect((await machine.run("stat", "-c", "%F %a %U", keys)).stdout).toBe("regular file 444 root");
    await to("db", "switch", "NIXOS_NO_CHECK=1");
    expect((await machine.run("test", "-e", keys)).exitCode).toBe(1);
  });

  test("links of an earlier system are removed from /etc, other files are not", async () => {
    await boot("web");
    await machine.run("sh", "-c", "mkdir -p /etc/fleet && echo mine >/etc/fleet/identity.json");
    const unit = "/etc/systemd/system/httpd.service";
    expect((await machine.run("test", "-L", unit)).exitCode).toBe(0);
    await to("db", "switch");
    expect((await machine.run("test", "-L", unit)).exitCode).toBe(1);
    expect(await machine.read("/etc/fleet/identity.json")).toBe("mine");
  });

  test("the ssh fault does not touch the network of anything but a test machine", async () => {
    await boot("web");
    const { exitCode, stderr } = await to("killssh", "test");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("no test machine, the link stays up")]);
  });

  test.each(["", "rollback"])("refuses the action '%s'", async (action) => {
    const { exitCode, stderr } = await to("web", action);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Usage: ")]);
  });
});

describe("systemctl", () => {
  test("starts, stops and restarts", async () => {
    await boot("web");
    await systemctl("stop", "httpd.service");
    expect((await systemctl("is-active", "httpd")).stdout).toBe("inactive");
    await systemctl("start", "httpd");
    expect((await systemctl("is-active", "httpd")).exitCode).toBe(0);
    const before = await started("httpd");
    await systemctl("restart", "httpd");
    expect(await started("httpd")).not.toBe(before);
    expect(await page()).toBe("Hello from web, version 1");
  });

  test.each([
    [["start", "nothing"], "Unit nothing.service not found"],
    [["mask", "httpd"], "unknown verb mask"],
    [["list-units", "--reverse"], "unknown option --reverse"],
    [["show", "-p", "MainPID", "httpd"], "unknown property MainPID"],
  ])("refuses %j", async (args, message) => {
    await boot("web");
    const { exitCode, stderr } = await systemctl(...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
