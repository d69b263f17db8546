import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultHealth } from "../../../model/config/settings/health.ts";
import type { Check, Health } from "../../../model/health/check.ts";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Observation, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("health", testAddress(34));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());

const tries = { timeout: 10, period: 0.2 };
const http: Check = {
  kind: "http",
  from: "target",
  url: "http://localhost/",
  ...{ status: [], body: null, responseHeaders: {}, requestHeaders: {}, insecure: false },
  ...tries,
};
const command = (run: string): Check => ({ kind: "command", from: "target", run, ...tries });

const health = (changes: Partial<Health>): Pick<DeploySpec, "health"> => ({
  health: { ...defaultHealth, settle: 0.5, deadline: 20, ...changes },
});
const service = (name: string, ExecStart: string, more = {}) => ({
  systemd: { services: { [name]: { serviceConfig: { ExecStart, ...more } } } },
});

/** What must be as before, whatever went wrong. */
function standing({ current, profile, bootEntry, generations, confirmed }: Observation) {
  return { current, profile, bootEntry, generations, confirmed };
}

async function goesBack(spec: DeploySpec) {
  const before = await scene.observe();
  const { failure } = await scene.refusal(spec);
  const after = await scene.observe();
  expect(standing(after)).toEqual(standing(before));
  expect(after.history.at(-1)).toMatchObject({ outcome: "failed", reverted: "yes", rebooted: false });
  return { failure, last: after.history.at(-1) };
}

describe("units", () => {
  it("that fail after the activation take the system back, and say their last words", async () => {
    const words = service("dying", "/usr/bin/timeout 5 /usr/bin/ping -c 9 127.0.0.1");
    const { failure, last } = await goesBack(await scene.spec("two", health({ settle: 9 }), words));
    expect(failure.step).toBe("health");
    expect(failure.seen).toContain("units are worse than before the activation:\n  dying.service failed");
    expect(failure.seen).toContain("dying.service:\n    PING 127.0.0.1");
    expect(last).toMatchObject({ reason: "units", units: { worse: ["dying.service"], ignored: [] } });
  });

  it("that are started again and again take the system back", async () => {
    const spec = await scene.spec("two", health({}), { faults: { inject: "crashloop" } });
    const { failure } = await goesBack(spec);
    expect(failure.seen).toContain("unstable.service is started again and again");
  });

  it("that crash now and then are found by their restarts", async () => {
    const slow = service("faltering", "/usr/bin/timeout 1 sleep 9", { Restart: "always", RestartSec: 0 });
    const { failure } = await goesBack(await scene.spec("two", health({ settle: 4 }), slow));
    expect(failure.seen).toMatch(/faltering\.service (was restarted \d+ times|is started again and again)/);
  });

  it("to be ignored are told, and the system stays", async () => {
    const { reporter, lines } = scene.reporter();
    const { deploy } = await import("../../../runtime/deploy/deploy.ts");
    const spec = await scene.spec("two", health({}), service("acme-web", "/bin/false"));
    expect(await deploy(spec, { reporter })).toMatchObject({ outcome: "deployed" });
    expect(lines.join("\n")).toContain("warning: acme-web.service failed");
    expect((await scene.observe()).history.at(-1)).toMatchObject({
      outcome: "deployed",
      units: { worse: [], ignored: ["acme-web.service"] },
    });
  });

  it("that failed before are no reason to go back", async () => {
    const strict = health({ ignoreUnits: [] });
    const spec = await scene.spec("three", strict, service("acme-web", "/bin/false"));
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
    const anew = await scene.spec("two", strict, service("acme-web", "/bin/false"));
    expect((await goesBack(anew)).failure.seen).toContain("acme-web.service");
  });
});

describe("checks", () => {
  it("that hold let the system stay, and are in its history", async () => {
    const checks: Check[] = [
      { ...http, body: "two", responseHeaders: { "Content-Type": "text/html" }, status: [200] },
      { kind: "tcp", from: "target", host: "localhost", port: 80, ...tries },
      command("readlink /run/current-system | grep -q nixos-system"),
      { ...http, from: "operator", url: "http://{address}/", body: "two" },
      { kind: "tcp", from: "operator", host: "{address}", port: 80, ...tries },
    ];
    expect(await scene.deploy(await scene.spec("two", health({ checks })))).toMatchObject({
      outcome: "deployed",
    });
    const last = (await scene.observe()).history.at(-1);
    expect(last?.checks?.map(({ check, outcome }) => [check, outcome]).sort()).toEqual([
      [0, "ok"],
      [1, "ok"],
      [2, "ok"],
    ]);
    expect(last?.request.checks).toHaveLength(5);
    expect(last?.durations?.health).toBeGreaterThanOrEqual(0.5);
    await scene.deploy(await scene.spec("one"));
  });

  it.each<[string, Check, string]>([
    ["another status", { ...http, status: [503] }, "status 200 instead of 503"],
    ["another body", { ...http, body: "three" }, 'the body does not hold "three"'],
    [
      "another header",
      { ...http, responseHeaders: { server: "nginx" } },
      'header server does not hold "nginx"',
    ],
    ["a closed port", { kind: "tcp", from: "target", host: "localhost", port: 81, ...tries }, "refused"],
    ["a command that fails", command("echo no-space; exit 3"), "exit code 3: no-space"],
    ["a command that hangs", { ...command("sleep 60"), timeout: 2 }, "did not end within 2 s"],
    [
      "no server for the operator",
      { ...http, from: "operator", url: "http://{address}:81/" },
      "ECONNREFUSED",
    ],
    [
      "another page for the operator",
      { ...http, from: "operator", url: "http://{address}/", body: "x3" },
      "x3",
    ],
  ])("that see %s take the system back", async (_, check, seen) => {
    const spec = await scene.spec("two", health({ deadline: 1.5, checks: [http, check] }));
    const { failure, last } = await goesBack(spec);
    expect(failure.step).toBe("health");
    expect(failure.seen).toContain("the system runs, but not all checks hold:");
    expect(failure.seen).toContain(seen);
    expect(failure.seen).not.toContain("http http://localhost/: status 200\n");
    expect(last?.reason).toBe("check");
    expect(await scene.page()).toContain("one");
  });

  it("that hold at first and break within the settle time take the system back", async () => {
    const brief = service("brief", "/usr/bin/timeout -s KILL 3 /usr/bin/busybox httpd -f -p 8090 -h /etc");
    const checks = [{ ...http, url: "http://localhost:8090/hostname" }];
    const loose = health({ settle: 5, deadline: 7, ignoreUnits: ["brief"], checks });
    const { failure } = await goesBack(await scene.spec("two", loose, brief));
    expect(failure.seen).toContain("http http://localhost:8090/hostname");
  });

  it("that need a moment are waited for", async () => {
    const checks = [command("test -e /run/late || { touch /run/late; false; }")];
    const spec = await scene.spec("two", health({ settle: 0, checks }));
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
  });
});

describe("checks before the deployment", () => {
  it("that do not hold stop it before anything is changed", async () => {
    const before = await scene.observe();
    const preDeploy = {
      deadline: 1,
      checks: [http, command("exit 7"), { ...http, from: "operator" as const, url: "http://{address}:82/" }],
    };
    const { failure } = await scene.refusal(await scene.spec("two", { preDeploy }));
    expect(failure.step).toBe("checks before the deployment");
    expect(failure.seen).toContain("command exit 7: exit code 7");
    expect(failure.seen).toContain("ECONNREFUSED");
    expect(failure.seen).not.toContain("http://localhost/");
    expect(await scene.observe()).toEqual(before);
  });

  it("that hold let it go on", async () => {
    const spec = await scene.spec("two", { preDeploy: { deadline: 20, checks: [http] } });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("one"));
  });
});

describe("a system whose critical parts differ", () => {
  const inhibited = { system: { switch: { inhibitors: { systemd: "2" } } } };

  it("is not tested", async () => {
    const before = await scene.observe();
    const { failure } = await scene.refusal(await scene.spec("two", { goal: "test" }, inhibited));
    expect(failure.seen).toContain("cannot be tested without a reboot");
    expect(standing(await scene.observe())).toEqual(standing(before));
  });

  it("becomes the next boot's instead of a failed switch, and runs after it", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("two", {}, inhibited);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "staged", rebootNeeded: true });
    const after = await scene.observe();
    expect([after.current, after.profile, after.bootEntry]).toEqual([
      before.current,
      spec.system.toplevel,
      spec.system.toplevel,
    ]);
    expect(after.activations.at(-1)).toBe("boot");
    expect(after.history.at(-1)).toMatchObject({ outcome: "staged", reason: "inhibited" });
    await scene.web.machine.reset();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect(await scene.page()).toContain("two");
  });
});

describe("old generations", () => {
  it("beyond the number to keep go, but never one that is in force or the way back", async () => {
    const two = (page: string) => scene.spec(page, { generations: { keep: 2 } });
    for (const page of ["g1", "g2", "g3", "g4"]) await scene.deploy(await two(page));
    const { generations } = await scene.observe();
    const booted = (await scene.web.machine.console(["readlink", "-f", "/run/booted-system"])).trim();
    expect(generations).toHaveLength(3);
    const kept = await Promise.all(
      generations.map(async (link) =>
        (await scene.web.machine.console(["readlink", "-f", `/nix/var/nix/profiles/${link}`])).trim(),
      ),
    );
    expect(kept).toContain(booted);
    expect(kept).toContain((await scene.observe()).history.at(-1)?.from);
  });
});
