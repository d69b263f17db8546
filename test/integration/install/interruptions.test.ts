import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, onInstalled, showConsoleOnFailure, startInstall } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(40);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

/** Process groups that an install has started: one for each external program, none of them its own. */
function groupsBelow(pid: number): string[] {
  const table = execFileSync("ps", ["-e", "-o", "pid=,ppid=,pgid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const own = rows.find(([process]) => process === String(pid))?.[2];
  return rows
    .filter(([, parent, group]) => parent === String(pid) && group !== own)
    .map(([, , group]) => group ?? "");
}

/** What still runs of a process group, one command line a line. */
function members(group: string): string {
  const table = execFileSync("ps", ["-e", "-o", "pgid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .filter((line) => line.trim().startsWith(`${group} `))
    .join("\n");
}

interface Interruption {
  readonly when: RegExp;
  readonly after: number;
  readonly formattings: number;
}

describe.concurrent("killed with SIGKILL, the next run ends well", () => {
  const interruptions: [string, Interruption][] = [
    ["while connecting", { when: /1\/7\] contact/, after: 0, formattings: 1 }],
    ["while the machine is looked at", { when: /2\/7\] facts/, after: 0, formattings: 1 }],
    ["during kexec", { when: /3\/7\] kexec/, after: 2500, formattings: 1 }],
    ["while formatting", { when: /4\/7\] disko/, after: 3500, formattings: 2 }],
    ["while copying the system", { when: /5\/7\] install: copying/, after: 700, formattings: 1 }],
    ["while rebooting", { when: /6\/7\] reboot/, after: 400, formattings: 1 }],
    ["while checking the first boot", { when: /7\/7\] verify/, after: 0, formattings: 1 }],
  ];
  test.for(interruptions)("%s", async ([, { when, after, formattings: allowed }], { onTestFailed }) => {
    const { spec, machine } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    const first = startInstall(spec);
    await first.until(when);
    await sleep(after);
    const groups = groupsBelow(first.child.pid ?? 0);
    first.child.kill("SIGKILL");
    await first.ended;
    await vi.waitFor(() => expect(groups.map(members).join("")).toBe(""), { timeout: 15_000, interval: 500 });
    const second = await install({ ...spec, deadlines: { ...spec.deadlines, contact: 60 } });
    expect(await formattings(machine)).toBeLessThanOrEqual(allowed);
    expect(JSON.parse(await onInstalled(spec, "cat /etc/fleet/identity.json"))).toMatchObject({
      installId: second.installId,
    });
    expect((await install(spec)).outcome).toBe("adopted");
  });
});

test("Ctrl-C ends everything at once and says what to do", async () => {
  const { spec } = await bareMachine(factory);
  const run = startInstall(spec);
  await run.until(/4\/7\] disko/);
  await sleep(500);
  const groups = groupsBelow(run.child.pid ?? 0);
  expect(groups.length).toBeGreaterThan(0);
  run.child.kill("SIGINT");
  expect(await run.ended).toBe(1);
  expect(run.said()).toMatch(/phase disko, failed: cancelled/);
  expect(run.said()).toContain("run pulumi up again");
  expect(groups.map(members).join("")).toBe("");
});

test("two installs at once: one works, the disks are formatted once", async () => {
  const { spec, machine } = await bareMachine(factory);
  const outcomes = await Promise.allSettled([install(spec), install(spec)]);
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  expect(await formattings(machine)).toBe(1);
  expect((await install(spec)).outcome).toBe("adopted");
});
