import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { eventually } from "../deploy/wait.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf } from "./look.ts";
import { createNixosMachines, type NixosMachines } from "./nixos-machines.ts";

const names = ["db", "web-1", "web-2"];
const fleet = path.join(packageRoot(), "cli", "bin.mjs");

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands for several hosts, as people type them. In order. */
describe("fleet", () => {
  let fixture: StackFixture;
  let machines: NixosMachines;

  beforeAll(async () => {
    fixture = await createStack();
    machines = await createNixosMachines(fixture, names, 20);
    const settings = { "web-1": { tags: ["web"] }, "web-2": { tags: ["web"] } };
    machines.configure(settings, {
      "fleet:rollout": { canary: ["db"], soak: 0 },
      "fleet:defaults": { drain: "touch /var/lib/drained" },
    });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
  });
  afterAll(() => fixture?.close());

  const start = (...words: string[]) => startWith({}, words);
  function startWith(
    more: Readonly<Record<string, string>>,
    words: readonly string[],
  ): ChildProcess & { readonly answer: Promise<Answer> } {
    const { folder, environment } = fixture.project;
    const child = spawn("node", [fleet, "--stack", "test", ...words], {
      cwd: folder,
      env: { ...environment, NO_COLOR: "1", ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    const answer = Promise.all([code, text(child.stdout), text(child.stderr)]).then(
      ([status, stdout, stderr]) => ({ code: status, stdout, stderr }),
    );
    return Object.assign(child, { answer });
  }
  const type = (...words: string[]) => start(...words).answer;
  const linesOf = (answer: Answer) => answer.stdout.trimEnd().split("\n");
  const bootIds = () => Promise.all(names.map(async (name) => (await lifeOf(fixture, name)).bootId));

  const exists = async (host: string, file: string) =>
    (await machines.machine(host).console(["sh", "-c", `test -e ${file} && echo yes || echo no`])).trim();

  describe("hosts", () => {
    it("lists them with tags and waves, for people and for programs", async () => {
      const all = await type("hosts");
      expect(all.code, all.stderr).toBe(0);
      for (const [name, more] of [
        ["db", "canary"],
        ["web-1", "web "],
        ["web-2", "rest"],
      ] as const)
        expect(linesOf(all).find((line) => line.includes(` ${name} `))).toContain(more);
      const some = JSON.parse((await type("hosts", "@web", "--json")).stdout);
      expect(Object.keys(some)).toEqual(["web-1", "web-2"]);
      expect(some["web-2"]).toMatchObject({ provider: "existing", tags: ["web"], wave: "rest", port: 22 });
    });

    it("refuses a name that is none", async () => {
      const answer = await type("hosts", "@wbe", "dc");
      expect(answer).toMatchObject({ code: 1, stdout: "" });
      expect(answer.stderr).toContain('"wbe" is the tag of no host; did you mean "web"?');
      expect(answer.stderr).toContain('"dc" is not a host; did you mean "db"?');
    });
  });

  describe("exec", () => {
    it("runs a program on each, and puts the host's name before each line", async () => {
      const answer = await type("exec", "@web", "--", "printf", "%s|\\n", "$HOME", "two words");
      expect(answer.code, answer.stdout).toBe(0);
      const expected = ["web-1", "web-2"].flatMap((name) => [`${name} | $HOME|`, `${name} | two words|`]);
      expect(linesOf(answer).sort()).toEqual(expected.sort());
    });

    it("gives one word to the host's shell, as root where asked", async () => {
      const answer = await type("exec", "--root", "db,web-1", "id -u; echo $((6 * 7)) >&2");
      expect(linesOf(answer).sort()).toEqual(["db    | 0", "db    | 42", "web-1 | 0", "web-1 | 42"]);
    });

    it("says how each ended where not all ended well", async () => {
      const command = "case $(cat /etc/fleet/identity.json) in *db*) exit 3 ;; *web-2*) kill -9 $$ ;; esac";
      const answer = await type("exec", "@web,db", command);
      expect(answer.code).toBe(1);
      expect(answer.stdout).toMatch(/ db +│ 3 /);
      expect(answer.stdout).toMatch(/ web-1 +│ 0 /);
      // ssh(1), EXIT STATUS: what was killed has no code of its own.
      expect(answer.stdout).toMatch(/ web-2 +│ 255 /);
    });

    it("tells programs everything, and puts an end to what takes too long", async () => {
      const answer = await type(
        "exec",
        "--json",
        "--timeout",
        "2",
        "db",
        "echo out; echo err >&2; sleep 600",
      );
      expect(answer.code).toBe(1);
      expect(JSON.parse(answer.stdout)).toEqual([
        {
          ...{ host: "db", exitCode: null, stdout: "out", stderr: "err" },
          ...{ error: "did not end within 2 s", seconds: expect.any(Number) },
        },
      ]);
    });

    it("ends at Ctrl-C with what it knows, and begins with no further host", async () => {
      const running = start("exec", "--json", "--parallel", "1", "@web", "touch /root/begun; sleep 600");
      await eventually(async () => (await exists("web-1", "/root/begun")) === "yes", 120);
      running.kill("SIGINT");
      const answer = await running.answer;
      expect(answer.code).toBe(1);
      expect(JSON.parse(answer.stdout)).toMatchObject([
        { host: "web-1", exitCode: null, error: "stopped" },
        { host: "web-2", exitCode: null, error: "not begun: stopped" },
      ]);
      expect(await exists("web-2", "/root/begun")).toBe("no");
    });
  });

  describe("ssh", () => {
    it("runs a command with its exit code, and leaves no keys behind after Ctrl-C", async () => {
      expect(await type("ssh", "db", "echo", "here;", "exit", "3")).toMatchObject({
        code: 3,
        stdout: "here\n",
      });
      const keys = mkdtempSync("/tmp/keys-");
      try {
        const running = startWith({ XDG_RUNTIME_DIR: keys }, ["ssh", "db", "touch /root/in; sleep 600"]);
        await eventually(async () => (await exists("db", "/root/in")) === "yes", 120);
        expect(readdirSync(keys)).toHaveLength(1);
        running.kill("SIGINT");
        expect((await running.answer).code).toBe(255);
        expect(readdirSync(keys)).toEqual([]);
      } finally {
        rmSync(keys, { recursive: true });
      }
    });
  });

  describe("reboot", () => {
    it("asks, and does nothing where nobody can be asked", async () => {
      const before = await bootIds();
      const answer = await type("reboot", "web-1");
      expect(answer.code).toBe(1);
      expect(answer.stdout).toContain("Reboot web-1? not a terminal");
      expect(await bootIds()).toEqual(before);
    });

    it("brings each back on another boot with its system, and leaves the others alone", async () => {
      const before = await bootIds();
      const answer = await type("reboot", "--yes", "--json", "@web");
      expect(answer.code, answer.stdout).toBe(0);
      const { system } = await fixture.host("web-1");
      expect(JSON.parse(answer.stdout)).toMatchObject([
        { host: "web-1", outcome: "rebooted", system },
        { host: "web-2", outcome: "rebooted", system },
      ]);
      const after = await bootIds();
      expect(after.map((id, index) => id === before[index])).toEqual([true, false, false]);
      const drained = await Promise.all(names.map((name) => exists(name, "/var/lib/drained")));
      expect(drained).toEqual(["no", "yes", "yes"]);
    });

    it("ends at the first that fails, which is one with a deployment under way", async () => {
      const before = await bootIds();
      const held = "echo >/run/fleet/held; while [ -e /run/fleet/held ]; do sleep 0.2; done";
      await machines
        .machine("web-1")
        .console([
          "sh",
          "-c",
          `(mkdir -p /run/fleet; exec setsid flock /run/fleet/lock sh -c '${held}') </dev/null >/dev/null 2>&1 &`,
        ]);
      await eventually(async () => (await exists("web-1", "/run/fleet/held")) === "yes", 60);
      const answer = await type("reboot", "--yes", "@web");
      await machines.machine("web-1").console(["rm", "/run/fleet/held"]);
      expect(answer.code, answer.stdout).toBe(1);
      expect(answer.stdout).toMatch(/ web-1 +│ failed .*lock/);
      expect(answer.stdout).toMatch(/ web-2 +│ not begun /);
      expect(await bootIds()).toEqual(before);
    });
  });

  describe("check", () => {
    it("finds nothing wrong with hosts that are well", async () => {
      const answer = await type("check", "@web");
      expect(answer.stdout).toMatch(/ web-1 +│ (ok|1 error)/);
      const seen = JSON.parse((await type("check", "--json", "web-2")).stdout);
      expect(seen).toMatchObject([{ host: "web-2", reachable: true, verdict: "current" }]);
      expect(seen[0].vitals.memory.total).toBeGreaterThan(0);
      expect(seen[0].vitals.clockSkewSeconds).toBe(0);
      expect(seen[0].vitals.space.length).toBeGreaterThan(0);
    });

    it("finds a host that is off, a full disk, and another system", async () => {
      await machines.machine("web-1").faults.fillDisk("/root");
      await machines.machine("db").powerOff();
      await machines
        .machine("web-2")
        .console([
          "sh",
          "-c",
          "ln -sfn $(readlink -f /nix/var/nix/profiles/system-1-link) /run/current-system",
        ]);
      const answer = await type("check");
      expect(answer.code).toBe(1);
      const errors = linesOf(answer).filter((line) => /^(db|web-\d): /.test(line));
      expect(errors).toContainEqual(expect.stringMatching(/^db: unreachable: /));
      expect(errors).toContainEqual(expect.stringMatching(/^web-1: \S+: 100 % of space used$/));
      expect(errors).toContainEqual(expect.stringMatching(/^web-2: its system is /));
    });
  });
});
