import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../../runtime/platform/run-command.ts";
import { must } from "../../harness/machines/must.ts";
import { describeWorld, joinWorld, startWorld, stopWorld, type World } from "../../harness/machines/world.ts";
import { Contact, eventually } from "./contact.ts";
import { firstLine, parentOf, processTree, traces } from "./process-tree.ts";

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const enter = source("../../harness/machines/enter.ts");
const node = [process.execPath, "--import", "tsx"];
const worlds: World[] = [];

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function world(options: Parameters<typeof startWorld>[0] = {}): Promise<World> {
  const started = await startWorld(options);
  worlds.push(started);
  return started;
}

/** Standard output of a command in the world. */
async function inside(where: World, ...command: string[]): Promise<string> {
  const result = await where.exec(command, { timeoutSeconds: 30 });
  if (!result.ok) throw new Error(`${command.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

/** Boots a machine in the world that lets the contact in. */
async function holdMachine(where: World, contact: Contact): Promise<ChildProcess> {
  const holder = where.spawn([...node, source("hold-machine.ts"), contact.userData()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(await firstLine(holder)).toBe("holding");
  return holder;
}

describe("a world", () => {
  test("has the bridge and no way out, a root of its own, and only its processes", async () => {
    const one = await world();
    const addresses = await inside(one, "ip", "-oneline", "address", "show", "dev", "br0");
    for (const address of ["198.51.100.1/24", "2001:db8::1/64", "fe80::1/64"])
      expect(addresses).toContain(address);
    expect(await inside(one, "ip", "route", "show", "default")).toBe("");
    expect(await inside(one, "ip", "-6", "route", "show", "default")).toBe("");
    expect(await inside(one, "sh", "-c", "cd /proc; ls -d [0-9]* | wc -l")).toMatch(/^[3-6]$/);
    await inside(one, "touch", "/left-behind", "/run/left-behind");
    expect(existsSync("/left-behind")).toBe(false);
    expect(existsSync("/run/left-behind")).toBe(false);
    expect(await inside(one, "sh", "-c", "echo $FLEET_TEST_WORLD")).toBe(one.id);
    expect(await inside(one, "pwd")).toBe(process.cwd());
  });

  test("is not to be mistaken for the outside", async () => {
    const program = `import { requireWorld } from ${JSON.stringify(source("../../harness/machines/world-support.ts"))};
      console.log(requireWorld().id);`;
    const arguments_ = [...node, "--input-type=module", "--eval", program];
    expect(await inside(await world(), ...arguments_)).toBe(worlds[0]?.id);
    const hidden = 'mount -t tmpfs none /run && exec "$@"';
    const outside = await run("unshare", ["--mount", "sh", "-c", hidden, "sh", ...arguments_], {
      timeoutSeconds: 30,
    });
    expect(outside.ok).toBe(false);
    expect(outside.stderr).toContain("this must run inside a world");
  });

  test("keeps to itself beside another one with the same machine at the same address", async () => {
    const [one, two] = await Promise.all([world(), world()]);
    const contacts = await Promise.all([Contact.create(), Contact.create()]);
    const [own, other] = contacts;
    await Promise.all([holdMachine(one, own), holdMachine(two, other)]);
    const asks = async (where: World, contact: Contact) =>
      (await where.exec(contact.command("198.51.100.90", "hostname"), { timeoutSeconds: 30 })).stdout;
    await eventually("an answer", async () => (await asks(one, own)) === "held");
    await eventually("an answer", async () => (await asks(two, other)) === "held");
    expect(await asks(one, other)).toBe("");
    await inside(one, "touch", "/nix/only-here");
    expect(await inside(two, "sh", "-c", "test -e /nix/only-here || echo no")).toBe("no");
    await Promise.all(contacts.map((contact) => contact.remove()));
  });

  test("killed with -9 leaves no process, namespace, mount or loop device, and the next start its files", async () => {
    const one = await world();
    const contact = await Contact.create();
    const holder = await holdMachine(one, contact);
    const ended = once(holder, "exit");
    const processes = [...processTree(one.pid), ...processTree(holder.pid ?? 0)];
    expect(processes.length).toBeGreaterThan(7);
    expect((await traces(one.stateDir)).loops).toHaveLength(2);
    process.kill(one.pid, "SIGKILL");
    await ended;
    await eventually("the end of every process", async () =>
      processes.every((pid) => parentOf(String(pid)) === undefined),
    );
    await eventually(
      "the end of the loop devices",
      async () => (await traces(one.stateDir)).loops.length === 0,
    );
    expect(await traces(one.stateDir)).toEqual({ loops: [], mounts: [] });
    expect(existsSync(one.stateDir)).toBe(true);
    await world();
    expect(existsSync(one.stateDir)).toBe(false);
    await contact.remove();
  });

  test("loses its machines with the process that runs them, which can be started again", async () => {
    const one = await world();
    const contact = await Contact.create();
    const holder = await holdMachine(one, contact);
    const again = await one.exec([...node, source("hold-machine.ts"), ""], { timeoutSeconds: 30 });
    expect(again.stderr).toContain("a machine on m-held runs already");
    const machines = processTree(holder.pid ?? 0);
    // The first one is nsenter, which waits for the program.
    process.kill(machines[1] ?? Number.NaN, "SIGKILL");
    await eventually("the end of the machine", async () =>
      machines.every((pid) => parentOf(String(pid)) === undefined),
    );
    await eventually(
      "the end of the loop devices",
      async () => (await traces(one.stateDir)).loops.length === 0,
    );
    await holdMachine(one, contact);
    await contact.remove();
  });

  test("ends with a machine running when the process that started it is killed", async () => {
    const contact = await Contact.create();
    const command = [...node, enter, "--", ...node, source("hold-machine.ts"), contact.userData()];
    const [program = "", ...rest] = command;
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"], detached: true });
    expect(await firstLine(child)).toBe("holding");
    const processes = processTree(child.pid ?? 0);
    expect(processes.length).toBeGreaterThan(7);
    child.kill("SIGKILL");
    await eventually("the end of every process", async () =>
      processes.every((pid) => parentOf(String(pid)) === undefined),
    );
    await contact.remove();
  });

  test("that is detached outlives the program that started it and is joined and stopped by its process id", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "world-"));
    const program = `import { startWorld } from ${JSON.stringify(source("../../harness/machines/world.ts"))};
      const world = await startWorld({ detached: true, stateDir: ${JSON.stringify(folder)} });
      console.log(world.pid);`;
    const started = await must(process.execPath, [
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      program,
    ]);
    const pid = Number(started);
    expect(describeWorld(pid)?.stateDir).toBe(folder);
    const joined = joinWorld(pid, ["sh", "-c", "cat /run/fleet-world.json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect(await firstLine(joined)).toContain(folder);
    await expect(startWorld({ stateDir: folder })).rejects.toThrow(`another world already uses ${folder}`);
    await stopWorld(pid);
    await stopWorld(pid);
    expect(describeWorld(pid)).toBeUndefined();
    expect(() => joinWorld(pid, ["true"])).toThrow(`process ${pid} is not a running world`);
    await rm(folder, { recursive: true });
  });
});

describe("enter", () => {
  const entering = (...command: string[]) => [...node.slice(1), enter, "--", ...command];

  test("passes streams, working directory and exit code through, and cleans up", async () => {
    const result = await run(
      process.execPath,
      entering("sh", "-c", "cat; pwd; echo $FLEET_TEST_WORLD; exit 7"),
      {
        timeoutSeconds: 30,
        input: "hello\n",
      },
    );
    expect(result.exitCode).toBe(7);
    const [greeting, folder, id = ""] = result.stdout.split("\n");
    expect([greeting, folder]).toEqual(["hello", process.cwd()]);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(existsSync(path.join(source("../../../.fleet/worlds"), id))).toBe(false);
  });

  test("passes a signal on and ends as its command does", async () => {
    const script = "trap 'echo trapped; exit 9' TERM; echo ready; while :; do sleep 0.1; done";
    const child = spawn(process.execPath, entering("sh", "-c", script), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on("line", (line) => lines.push(line));
    await once(reader, "line");
    child.kill("SIGTERM");
    const [code]: unknown[] = await once(child, "exit");
    expect(code).toBe(9);
    expect(lines).toEqual(["ready", "trapped"]);
  });

  test("tells a command that a signal ended", async () => {
    const result = await run(process.execPath, entering("sh", "-c", "kill -KILL $$"), { timeoutSeconds: 30 });
    expect(result.exitCode).toBe(128 + 9);
  });
});
