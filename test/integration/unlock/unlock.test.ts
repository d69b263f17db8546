import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOrphans } from "../../../runtime/operations/unlock/orphans.ts";
import { unlock } from "../../../runtime/operations/unlock/unlock.ts";
import { must } from "../../harness/machines/must.ts";
import { eventually } from "../deploy/wait.ts";

let folder: string;
const environment = { ...process.env };

/** A program that runs one slow command, which is what the engine of a fleet does nearly all the time. */
const program = (command: string[]) => `
module.exports = async () => {
  const { once } = require("node:events");
  const [command, ...args] = ${JSON.stringify(command)};
  await once(require("node:child_process").spawn(command, args, { stdio: "ignore" }), "exit");
};`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "unlock-"));
  await mkdir(path.join(folder, "state"));
  process.env["PULUMI_BACKEND_URL"] = `file://${folder}/state`;
  process.env["PULUMI_CONFIG_PASSPHRASE"] = "test";
  await writeFile(path.join(folder, "Pulumi.yaml"), "name: locked\nruntime: nodejs\nmain: index.js\n");
  await writeFile(path.join(folder, "package.json"), "{}");
  await symlink(path.resolve("node_modules"), path.join(folder, "node_modules"));
  // What counts as a command of ours is its name.
  const orphan = path.resolve("test/integration/unlock/orphan.ts");
  await writeFile(path.join(folder, "bin.mjs"), `await import(${JSON.stringify(orphan)});\n`);
  await pulumi("stack", "init", "dev");
});
afterAll(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
});

const pulumi = (...args: string[]) =>
  must("pulumi", [...args, "--non-interactive"], { cwd: folder, env: process.env, timeoutSeconds: 120 });

const isLocked = async () => {
  const locks = await must("find", [path.join(folder, "state"), "-path", "*/locks/*", "-name", "*.json"]);
  return locks !== "";
};

async function startUpdate(command: string[]): Promise<ChildProcess> {
  await writeFile(path.join(folder, "index.js"), program(command));
  const up = spawn("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"], {
    cwd: folder,
    stdio: "ignore",
  });
  await eventually(isLocked, 60);
  return up;
}

async function kill(up: ChildProcess): Promise<void> {
  const over = once(up, "exit");
  up.kill("SIGKILL");
  await over;
}

/** Unlocks, and gives the outcome with all that was said and asked. */
async function tryUnlock(answer = false) {
  const said: string[] = [];
  const asked: string[] = [];
  const outcome = await unlock(
    { projectRoot: folder, stack: "dev" },
    {
      say: (line) => said.push(line),
      confirm: async (question) => {
        asked.push(question);
        return answer;
      },
      orphanSeconds: 5,
    },
  );
  return { outcome, said: said.join("\n"), asked };
}

describe("unlock", () => {
  it("finds a stack that is not locked", async () => {
    expect(await tryUnlock()).toMatchObject({ outcome: "free", said: 'stack "dev" is not locked' });
  });

  it("leaves a running update alone, then frees the stack once it is killed", async () => {
    const up = await startUpdate(["sleep", "20"]);
    const refused = await tryUnlock(true);
    expect(refused).toMatchObject({ outcome: "refused", asked: [] });
    expect(refused.said).toContain(`(process ${up.pid}, since `);
    expect(await isLocked()).toBe(true);
    await kill(up);
    await writeFile(path.join(folder, "index.js"), program(["true"]));
    await expect(pulumi("up", "--yes", "--skip-preview")).rejects.toThrow(/currently locked/);
    const freed = await tryUnlock();
    expect(freed).toMatchObject({ outcome: "unlocked", asked: [] });
    expect(freed.said).toContain("which no longer runs");
    expect(await isLocked()).toBe(false);
    await pulumi("up", "--yes", "--skip-preview");
  });

  it("waits for what a killed update has left at work on a host", async () => {
    const bin = path.join(folder, "bin.mjs");
    const up = await startUpdate([process.execPath, "--import", "tsx", bin, "internal", "deploy"]);
    await eventually(async () => (await must("ps", ["-A", "-o", "args="])).includes(bin), 30);
    // Until it watches the engine above it.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await listOrphans(folder)).toEqual([]);
    await kill(up);
    expect(await listOrphans(folder)).toMatchObject([{ command: "deploy" }]);
    const freed = await tryUnlock();
    expect(freed).toMatchObject({ outcome: "unlocked", asked: [] });
    expect(freed.said).toContain("waiting for what the killed run has left behind: fleet internal deploy");
    expect(await listOrphans(folder)).toEqual([]);
  });

  it("stops a stubborn one only when told to", async () => {
    await writeFile(path.join(folder, "bin.mjs"), "setInterval(() => {}, 1000);\n");
    const up = await startUpdate([process.execPath, path.join(folder, "bin.mjs"), "internal", "install"]);
    await eventually(
      async () => (await must("ps", ["-A", "-o", "args="])).includes(`${folder}/bin.mjs internal`),
      30,
    );
    await kill(up);
    expect(await listOrphans(folder)).toHaveLength(1);
    expect(await listOrphans(path.dirname(folder)), "another project's").toEqual([]);
    const refused = await tryUnlock(false);
    expect(refused.outcome).toBe("refused");
    expect(refused.asked).toEqual([expect.stringMatching(/fleet internal install .* still running/)]);
    expect(await isLocked()).toBe(true);
    expect(await tryUnlock(true)).toMatchObject({ outcome: "unlocked" });
    expect(await listOrphans(folder)).toEqual([]);
    expect(await isLocked()).toBe(false);
  });
});
