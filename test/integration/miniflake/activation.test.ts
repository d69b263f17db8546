import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type InstalledMachine, startInstalledMachine } from "./installed-machine.ts";
import { buildSystems, type Systems } from "./systems.ts";

let systems: Systems;
beforeAll(async () => {
  systems = await buildSystems();
});

let machine: InstalledMachine;
beforeEach(async () => {
  machine = await startInstalledMachine(systems);
});
afterEach(() => machine.close());

describe("boot", () => {
  test("activates the system and starts its services", async () => {
    expect((await machine.boot("web")).exitCode).toBe(0);
    expect(await machine.page()).toBe("Hello from web, version 1");
    expect((await machine.run("hostname")).stdout).toBe("web");
    expect(await machine.read("/etc/os-release")).toContain("ID=nixos\n");
    expect(await machine.current()).toBe(machine.system("web"));
    expect((await machine.run("readlink", "/run/booted-system")).stdout).toBe(machine.system("web"));
    expect((await machine.systemctl("is-system-running")).stdout).toBe("running");
  });

  test("says when a service failed and when the activation did", async () => {
    expect((await machine.boot("badunits")).exitCode).toBe(4);
    await machine.close();
    machine = await startInstalledMachine(systems);
    expect((await machine.boot("badactivate")).exitCode).toBe(2);
    expect(await machine.page()).toBe("Hello from web, version 1");
  });
});

describe("switch-to-configuration", () => {
  test("switch: restarts what changed, sets the boot default, leaves the rest running", async () => {
    await machine.boot("web");
    const before = await machine.started("httpd");
    const same = await machine.to("web", "switch");
    expect([same.exitCode, same.stderr]).toEqual([0, "activating the configuration..."]);
    expect(await machine.started("httpd")).toBe(before);
    const { exitCode, stderr } = await machine.to("web2", "switch");
    expect([exitCode, stderr]).toEqual([
      0,
      "activating the configuration...\nrestarting the following units: httpd.service",
    ]);
    expect(await machine.started("httpd")).not.toBe(before);
    expect(await machine.page()).toBe("Hello from web, version 2");
    expect(await machine.read("/boot/loader/default")).toBe(machine.system("web2"));
  });

  test("test: runs the system, leaves the boot default alone", async () => {
    await machine.boot("web");
    await machine.to("web", "boot");
    await machine.to("web2", "test");
    expect(await machine.current()).toBe(machine.system("web2"));
    expect(await machine.read("/boot/loader/default")).toBe(machine.system("web"));
  });

  test("boot: sets the boot default, runs nothing", async () => {
    await machine.boot("web");
    expect((await machine.to("web2", "boot", "NIXOS_INSTALL_BOOTLOADER=1")).exitCode).toBe(0);
    expect(await machine.read("/boot/loader/default")).toBe(machine.system("web2"));
    expect(await machine.current()).toBe(machine.system("web"));
    expect(await machine.page()).toBe("Hello from web, version 1");
    expect(await machine.read("/var/log/activations")).toMatch(
      new RegExp(`^\\d+ boot ${machine.system("web2")} install-bootloader=1$`),
    );
  });

  test("dry-activate: says what would happen, and does nothing", async () => {
    await machine.boot("web");
    const { exitCode, stderr } = await machine.to("db", "dry-activate");
    expect([exitCode, stderr.split("\n")]).toEqual([
      0,
      [
        "would stop the following units: httpd.service",
        "would activate the configuration...",
        "would start the following units: database.service",
      ],
    ]);
    expect((await machine.to("web2", "dry-activate")).stderr).toContain(
      "would restart the following units: httpd.service",
    );
    expect(await machine.page()).toBe("Hello from web, version 1");
    expect(await machine.current()).toBe(machine.system("web"));
  });

  test("an activation that fails: exit code 2", async () => {
    await machine.boot("web");
    const { exitCode, stderr } = await machine.to("badactivate", "switch");
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining("Activation script snippet 'fault' failed"),
    ]);
    expect(await machine.current()).toBe(machine.system("badactivate"));
  });

  test("one at a time: the lock held is exit code 1 and nothing done", async () => {
    await machine.boot("web");
    await machine.run("mkdir", "-p", "/run/nixos");
    const lock = "/run/nixos/switch-to-configuration.lock";
    const { exitCode, stderr } = await machine.run(
      "flock",
      lock,
      `${machine.system("web2")}/bin/switch-to-configuration`,
      "switch",
    );
    expect([exitCode, stderr]).toEqual([1, "Could not acquire lock: another activation is running"]);
    expect(await machine.current()).toBe(machine.system("web"));
    expect((await machine.to("web2", "switch")).exitCode).toBe(0);
  });

  test("different switch inhibitors refuse switch, test and check, not boot", async () => {
    await machine.boot("db");
    for (const action of ["switch", "test", "check"]) {
      const { exitCode, stderr } = await machine.to("db2", action);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining("There are changes to critical components"),
      ]);
    }
    expect(await machine.current()).toBe(machine.system("db"));
    expect((await machine.to("db", "check")).exitCode).toBe(0);
    expect((await machine.to("db2", "boot")).exitCode).toBe(0);
    expect((await machine.to("db2", "test", "NIXOS_NO_CHECK=1")).exitCode).toBe(0);
    expect(await machine.current()).toBe(machine.system("db2"));
  });

  test("keys come, and go with the system that brought them", async () => {
    await machine.boot("db");
    const keys = "/etc/ssh/authorized_keys.d/root";
    expect((await machine.run("test", "-e", keys)).exitCode).toBe(1);
    await machine.to("db2", "switch", "NIXOS_NO_CHECK=1");
    expect(await machine.read(keys)).toBe("ssh-ed25519 AAAA me");
    expect((await machine.run("stat", "-c", "%F %a %U", keys)).stdout).toBe("regular file 444 root");
    await machine.to("db", "switch", "NIXOS_NO_CHECK=1");
    expect((await machine.run("test", "-e", keys)).exitCode).toBe(1);
  });

  test("links of an earlier system are removed from /etc, other files are not", async () => {
    await machine.boot("web");
    await machine.run("sh", "-c", "mkdir -p /etc/fleet && echo mine >/etc/fleet/identity.json");
    const unit = "/etc/systemd/system/httpd.service";
    expect((await machine.run("test", "-L", unit)).exitCode).toBe(0);
    await machine.to("db", "switch");
    expect((await machine.run("test", "-L", unit)).exitCode).toBe(1);
    expect(await machine.read("/etc/fleet/identity.json")).toBe("mine");
  });

  test("the ssh fault does not touch the network of anything but a test machine", async () => {
    await machine.boot("web");
    const { exitCode, stderr } = await machine.to("killssh", "test");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("no test machine, the link stays up")]);
  });

  test.each(["", "rollback"])("refuses the action '%s'", async (action) => {
    const { exitCode, stderr } = await machine.to("web", action);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Usage: ")]);
  });
});
