import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "units-"));
  const systemctl = '#!/bin/sh\ncase $1 in list-units) cat "$0.units" ;; show) cat "$0.restarts" ;; esac\n';
  await writeFile(path.join(folder, "systemctl"), systemctl);
  await chmod(path.join(folder, "systemctl"), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** Unit → [active, sub, restarts], as systemd says it. */
type Units = Record<string, readonly [string, string, number]>;

const lines = (units: Units) =>
  Object.entries(units)
    .map(([unit, [active, sub, restarts]]) => `${unit} ${active} ${sub} ${restarts}\n`)
    .join("");

async function health(now: Units, args: readonly string[], input = ""): Promise<string[]> {
  const program = path.join(folder, "systemctl");
  const listed = Object.entries(now).map(
    ([unit, [active, sub]]) => `${unit} loaded ${active} ${sub} What it is\n`,
  );
  const shown = Object.entries(now).map(([unit, [, , restarts]]) => `NRestarts=${restarts}\nId=${unit}\n`);
  await writeFile(`${program}.units`, listed.join(""));
  await writeFile(`${program}.restarts`, shown.join("\n"));
  const env = { PATH: `${folder}:${process.env["PATH"]}` };
  const { stdout } = await execa("bash", [remoteScriptPath("deploy/run-checks"), ...args], { env, input });
  return stdout.split("\n").filter((line) => line !== "");
}

async function compare(before: Units, after: Units, now: Units, ignored: string[] = []): Promise<string[]> {
  const file = (name: string) => path.join(folder, name);
  await writeFile(file("before"), lines(before));
  await writeFile(file("after"), lines(after));
  await writeFile(file("ignored"), ignored.map((pattern) => `${pattern}\n`).join(""));
  return await health(now, ["compare", file("before"), file("after"), file("ignored")]);
}

const well = ["active", "running", 0] as const;
const failed = ["failed", "failed", 0] as const;
const restarting = ["activating", "auto-restart", 3] as const;

describe("units", () => {
  it("are told with their states and restarts", async () => {
    const units: Units = {
      "a.service": ["active", "running", 2],
      "mnt-a\\x2db.mount": ["failed", "failed", 0],
    };
    expect(await health(units, ["units"])).toEqual([
      "a.service active running 2",
      "mnt-a\\x2db.mount failed failed 0",
    ]);
  });

  it("that are as well as before are not mentioned", async () => {
    const crashedOnce = { "a.service": ["active", "running", 5] as const };
    expect(await compare(crashedOnce, crashedOnce, crashedOnce)).toEqual([]);
    expect(await compare({ "a.service": failed }, { "a.service": well }, { "a.service": well })).toEqual([]);
  });

  it.each<[string, Units, string]>([
    ["failed", { "a.service": failed }, "worse a.service failed"],
    ["waits for a restart", { "a.service": restarting }, "worse a.service is started again and again"],
    [
      "was restarted since",
      { "a.service": ["active", "running", 2] },
      "worse a.service was restarted 2 times",
    ],
  ])("one that %s is worse", async (_, now, line) => {
    expect(await compare({ "a.service": well }, { "a.service": well }, now)).toEqual([line]);
  });

  it("new ones have nothing to excuse them", async () => {
    expect(await compare({}, {}, { "new.service": failed })).toEqual(["worse new.service failed"]);
  });

  it("those restarted while the system was activated count, a restart by hand does not", async () => {
    const before: Units = { "a.service": ["active", "running", 7] };
    const crashed: Units = { "a.service": ["active", "running", 9] };
    expect(await compare(before, crashed, crashed)).toEqual(["worse a.service was restarted 9 times"]);
    expect(await compare(before, { "a.service": well }, { "a.service": well })).toEqual([]);
    const again: Units = { "a.service": ["active", "running", 1] };
    expect(await compare(before, { "a.service": well }, again)).toEqual([
      "worse a.service was restarted 1 times",
    ]);
  });

  it("in trouble before are as before", async () => {
    const now: Units = { "a.service": failed, "b.service": restarting };
    expect(await compare({ "a.service": restarting, "b.service": failed }, {}, now)).toEqual([
      "as-before a.service failed",
      "as-before b.service is started again and again",
    ]);
  });

  it("to be ignored are, by pattern, with and without their suffix", async () => {
    const now: Units = { "acme-a.service": failed, "acme.service": failed, "b.timer": failed };
    expect(await compare({}, {}, now, ["acme-*", "b"])).toEqual([
      "ignored acme-a.service failed",
      "worse acme.service failed",
      "ignored b.timer failed",
    ]);
  });
});

describe("units after a reboot", () => {
  const afterBoot = (before: Units, now: Units, ignored: readonly string[] = []) => {
    const known = lines(before).replaceAll(/^(?=.)/gm, "before ");
    const patterns = ignored.map((pattern) => `ignored ${pattern}\n`).join("");
    return health(now, ["boot", "0"], `${known}${patterns}`);
  };

  it("are judged as after an activation", async () => {
    const now: Units = { "a.service": failed, "acme-b.service": failed, "c.service": restarting };
    expect(await afterBoot({ "a.service": well, "c.service": failed }, now, ["acme-*"])).toEqual([
      "worse a.service failed",
      "ignored acme-b.service failed",
      "as-before c.service is started again and again",
    ]);
  });

  it("may have been restarted while the system booted", async () => {
    const now: Units = { "a.service": ["active", "running", 2], "new.service": ["active", "running", 1] };
    expect(await afterBoot({ "a.service": well }, now)).toEqual([]);
  });

  it("have nothing to excuse them where nothing is known of before", async () => {
    expect(await afterBoot({}, { "a.service": failed })).toEqual(["worse a.service failed"]);
    expect(await afterBoot({}, {})).toEqual([]);
  });
});
