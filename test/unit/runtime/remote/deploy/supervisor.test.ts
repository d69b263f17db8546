import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseHistory } from "../../../../../runtime/operations/history.ts";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

let folder: string;
let attempt: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "supervisor-"));
  attempt = path.join(folder, "attempts", "nonce");
  await mkdir(attempt, { recursive: true });
  await mkdir(path.join(folder, "records"));
  for (const name of ["supervisor", "activation-rollback"])
    await cp(remoteScriptPath(`deploy/${name}`), path.join(attempt, `${name}.sh`));
  const transaction = await readFile(remoteScriptPath("deploy/transaction"), "utf8");
  await writeFile(path.join(attempt, "transaction.sh"), transaction + elsewhere(folder));
  for (const system of ["old", "new"]) {
    await mkdir(path.join(folder, system, "bin"), { recursive: true });
    const program = `#!/bin/sh\nln -sfn ${folder}/${system} ${folder}/current\n`;
    await writeFile(path.join(folder, system, "bin", "switch-to-configuration"), program, { mode: 0o755 });
  }
  await symlink(path.join(folder, "old"), path.join(folder, "current"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The same supervisor on a machine within a folder. */
function elsewhere(folder: string): string {
  return [
    "",
    `profile=${folder}/profile roots=${folder} switch_lock=${folder}/no-lock`,
    `current() { current=$(readlink -f ${folder}/current); }`,
    "keep_log() { :; }",
    "",
  ].join("\n");
}

/** Runs an attempt with goal `test` to its end; the operator has come through already. @param checks what they print */
async function supervise(checks: string): Promise<Record<string, string>> {
  const lines = [
    ...["goal test", `old ${folder}/old`, `new ${folder}/new`, "activation-seconds 20"],
    ...[
      "confirmation-seconds 20",
      "contact-seconds 20",
      "settle-seconds 0",
      "settle 0",
      "health-deadline 6000",
    ],
    ...["approval no", "ssh-port 9", "generation -", "keep-generations 3", `records ${folder}/records`],
  ];
  const files = {
    plan: `${lines.join("\n")}\n`,
    checks: "0 command 1 10 dHJ1ZQ==\n1 command 1 10 dHJ1ZQ==\n",
    "ignored-units": "",
    "request.json": `${JSON.stringify(request)}\n`,
    "run-checks.sh": `if [ "$1" = checks ]; then printf '${checks}'; fi\n`,
    confirmed: "",
    contact: "",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(attempt, name), text);
  await execa("bash", [path.join(attempt, "supervisor.sh"), "9", attempt], { timeout: 60_000 });
  const result = await readFile(path.join(attempt, "result"), "utf8");
  return Object.fromEntries(result.split("\n").map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? []));
}

const request = {
  ...{ version: 1, operator: "ada@desk", stack: "fleet/prod", host: "web", goal: "test" },
  ...{ revision: null, dirty: false },
};

async function history() {
  const told = await execa("sh", [remoteScriptPath("host/read-history"), path.join(folder, "records"), "20"]);
  return parseHistory(`${told.stdout}\n`);
}

describe("the supervisor", () => {
  it("keeps a system whose checks all hold", async () => {
    const result = await supervise("check 0 ok 0.1 fine\\ncheck 1 ok 0.1 fine\\n");
    expect(result).toMatchObject({ outcome: "tested", reason: "none", current: `${folder}/new` });
  });

  it.each([
    ["does not hold", "check 0 ok 0.1 fine\\ncheck 1 failed 0.1 exit code 1\\n"],
    ["has said nothing", "check 0 ok 0.1 fine\\n"],
  ])("takes back a system of which one check %s", async (_, checks) => {
    const result = await supervise(checks);
    expect(result).toMatchObject({
      ...{ outcome: "failed", reason: "check", reverted: "yes", rebooted: "false" },
      current: `${folder}/old`,
    });
  });

  it("adds to a history whose last line was cut, which is still told then", async () => {
    const records = path.join(folder, "records");
    await writeFile(path.join(records, "history.jsonl"), '{"version":1,"time":"2026-');
    expect(await history()).toEqual({ entries: [], unreadable: 1 });
    await supervise("check 0 ok 0.1 fine\\ncheck 1 ok 0.1 fine\\n");
    expect(await history()).toMatchObject({
      unreadable: 1,
      entries: [{ outcome: "tested", attempt: "nonce" }],
    });
    await supervise("check 0 ok 0.1 fine\\ncheck 1 ok 0.1 fine\\n");
    expect(await history()).toMatchObject({ unreadable: 1, entries: [{}, {}] });
  });
});
