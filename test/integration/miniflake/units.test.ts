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

describe("services of a new system", () => {
  test("stops what is gone and starts what is new", async () => {
    await machine.boot("web");
    const { stderr } = await machine.to("db", "test");
    expect(stderr).toContain("stopping the following units: httpd.service");
    expect(stderr).toContain("the following new units were started: database.service");
    expect((await machine.run("/usr/bin/busybox", "wget", "-qO-", "http://127.0.0.1/")).exitCode).not.toBe(0);
    expect((await machine.run("pgrep", "httpd")).exitCode).toBe(1);
    const echo = await machine.run("sh", "-c", "echo hello | busybox nc -w 1 127.0.0.1 5432");
    expect(echo.stdout).toBe("hello");
  });

  test("does not restart a changed unit that asks for that", async () => {
    await machine.boot("web");
    const before = await machine.started("httpd");
    const { stderr } = await machine.to("web2kept", "test");
    expect(stderr).toContain("NOT restarting the following changed units: httpd.service");
    expect(await machine.started("httpd")).toBe(before);
  });

  test("starts a service again that died", async () => {
    await machine.boot("web");
    await machine.run("pkill", "-KILL", "-x", "busybox");
    await expect.poll(() => machine.property("httpd", "ActiveState")).toBe("ActiveState=failed");
    expect((await machine.to("web", "test")).exitCode).toBe(0);
    expect(await machine.page()).toBe("Hello from web, version 1");
  });

  test("a unit that fails: exit code 4, the system runs", async () => {
    await machine.boot("web");
    const { exitCode, stderr } = await machine.to("badunits", "test");
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringContaining("the following units failed: broken.service"),
    ]);
    expect((await machine.systemctl("list-units", "--failed")).stdout).toMatch(
      /^broken\.service loaded failed failed/,
    );
    expect((await machine.systemctl("is-system-running")).exitCode).toBe(1);
    expect(await machine.page()).toBe("Hello from web, version 1");
    expect((await machine.to("web", "test")).exitCode).toBe(0);
    expect((await machine.systemctl("is-system-running")).stdout).toBe("running");
  });

  test("a crash loop is no failure, and shows in the number of restarts", async () => {
    await machine.boot("web");
    expect((await machine.to("crashloop", "test")).exitCode).toBe(0);
    await expect
      .poll(() => machine.property("unstable", "NRestarts"), { timeout: 10_000 })
      .toBe("NRestarts=2");
    expect((await machine.systemctl("show", "-p", "ActiveState,SubState", "unstable.service")).stdout).toBe(
      "ActiveState=activating\nSubState=auto-restart",
    );
  });

  test("services do not keep the lock", async () => {
    await machine.boot("web");
    await machine.to("db", "switch");
    expect((await machine.to("web", "switch")).exitCode).toBe(0);
  });
});

describe("systemctl", () => {
  test("starts, stops and restarts", async () => {
    await machine.boot("web");
    await machine.systemctl("stop", "httpd.service");
    expect((await machine.systemctl("is-active", "httpd")).stdout).toBe("inactive");
    await machine.systemctl("start", "httpd");
    expect((await machine.systemctl("is-active", "httpd")).exitCode).toBe(0);
    const before = await machine.started("httpd");
    await machine.systemctl("restart", "httpd");
    expect(await machine.started("httpd")).not.toBe(before);
    expect(await machine.page()).toBe("Hello from web, version 1");
  });

  test.each([
    [["start", "nothing"], "Unit nothing.service not found"],
    [["mask", "httpd"], "unknown verb mask"],
    [["list-units", "--reverse"], "unknown option --reverse"],
    [["show", "-p", "MainPID", "httpd"], "unknown property MainPID"],
  ])("refuses %j", async (args, message) => {
    await machine.boot("web");
    const { exitCode, stderr } = await machine.systemctl(...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
