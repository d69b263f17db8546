import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import type { InstallContext } from "../../../runtime/install/machine/phase.ts";
import { prepareNixosAnywhere, type ToolPhase } from "../../../runtime/install/nixos-anywhere/run.ts";
import { nixosAnywhere } from "../../../runtime/install/nixos-anywhere/source.ts";
import { createRedactor } from "../../../runtime/platform/redactor.ts";
import { createReporter } from "../../../runtime/platform/reporter.ts";
import { privateFolderBase } from "../../../runtime/ssh/private-folder.ts";
import { openSession, type SshSession } from "../../../runtime/ssh/session.ts";
import { generateKeyPair, type LocalSshd, startSshd } from "../ssh/local-sshd.ts";

let folder: string;
let sshd: LocalSshd;
let session: SshSession;
const userKey = generateKeyPair();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "tool-"));
  // Others on this machine have private folders too: ours are the only ones here.
  vi.stubEnv("XDG_RUNTIME_DIR", folder);
  sshd = await startSshd({ authorizedKeys: [userKey.publicKey] });
  const connection = {
    address: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    privateKey: userKey.privateKey,
  };
  session = await openSession(
    { host: "web", connection, hostKeys: [sshd.hostKey.publicKey] },
    { timeoutSeconds: 10 },
  );
});
afterAll(async () => {
  await session.close();
  await sshd.stop();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Runs one phase of a program that takes nixos-anywhere's place. */
async function runInPlace(body: string, phase: ToolPhase = "disko") {
  const program = path.join(folder, "program.sh");
  writeFileSync(program, `${body}\n`);
  chmodSync(program, 0o755);
  const reporter = createReporter({
    host: "web",
    what: "test",
    logDirectory: folder,
    redact: createRedactor([]),
    write: () => {},
  });
  const spec = { host: "web", system: { toplevel: "/nix/store/t-system" } } as InstallSpec;
  const context: InstallContext = { spec, reporter, signal: new AbortController().signal };
  const tool = await prepareNixosAnywhere(context, {
    program,
    diskScript: "/nix/store/d-disko",
    tarball: null,
    place: { kind: "local" },
  });
  try {
    return await tool.phase(phase, session, 30);
  } finally {
    await tool[Symbol.asyncDispose]();
  }
}

test("it is called with store paths, the alias as its target, and a key", async () => {
  const { stdout } = await runInPlace('printf "%s\\n" "$@"');
  const args = stdout.split("\n");
  expect(args.filter((arg) => !arg.includes("/decoy"))).toEqual([
    ...["--phases", "disko", "--target-host", `${sshd.user}@fleet-web`, "-i"],
    ...["--build-on", "local", "--store-paths", "/nix/store/d-disko", "/nix/store/t-system"],
  ]);
});

test("its ssh reaches the pinned machine, although it asks for no verification and has another key", async () => {
  const { stdout } = await runInPlace(
    'ssh -i "$6" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$4" "echo reached"',
  );
  expect(stdout).toBe("reached");
});

test("what comes before the kexec goes over the connection there is, all that follows over new ones", async () => {
  const before = sshd.logins();
  const { stdout } = await runInPlace(
    `to=$4 port=$6
      there() { ssh -p "$port" "$to" "$1"; }
      there "echo facts" && there "echo boot"
      echo "$(there "echo kexec/run")" && there "echo after"`,
    "kexec",
  );
  expect(stdout.split("\n")).toEqual(["facts", "boot", "kexec/run", "after"]);
  expect(sshd.logins() - before).toBe(2);
});

test("a second kexec begins over the connection there is as well", async () => {
  const before = sshd.logins();
  expect((await runInPlace('ssh -p "$6" "$4" "echo facts"', "kexec")).stdout).toBe("facts");
  expect(sshd.logins() - before).toBe(0);
});

test("with any other ssh it can log in nowhere", async () => {
  const otherSsh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
  const { stdout, stderr } = await runInPlace(
    `${otherSsh} -F none -i "$6" -p ${sshd.port} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${sshd.user}@127.0.0.1 "echo reached"`,
  );
  expect(stdout).toBe("");
  expect(stderr).toContain("Permission denied");
});

test("it sees no agent, no secret of Pulumi's and a home of its own; nothing of it remains", async () => {
  vi.stubEnv("SSH_AUTH_SOCK", "/nonexistent/agent");
  vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", "passphrase");
  const before = readdirSync(privateFolderBase());
  const { stdout } = await runInPlace('env; echo "HOME-IS=$HOME"; touch "$HOME/left"');
  expect(stdout).not.toMatch(/SSH_AUTH_SOCK|PULUMI_CONFIG_PASSPHRASE/);
  const home = /^HOME-IS=(.*)$/m.exec(stdout)?.[1] ?? "";
  expect(home.startsWith(path.join(folder, "fleet-"))).toBe(true);
  expect(existsSync(home)).toBe(false);
  expect(
    readdirSync(privateFolderBase()).filter((name) => !before.includes(name) && !name.endsWith(".log")),
  ).toEqual([]);
});

test("a pinned source that is in the store is used without a network", async () => {
  const source = path.join(folder, "source");
  mkdirSync(path.join(source, "src"), { recursive: true });
  cpSync("/bin/true", path.join(source, "src", "nixos-anywhere.sh"));
  const nix = (...args: string[]) =>
    execFileSync("nix", ["--extra-experimental-features", "nix-command flakes", ...args], {
      encoding: "utf8",
    }).trim();
  const stored = nix("store", "add", "--name", "source", source);
  const narHash = nix("hash", "path", source);
  const locked = { type: "github", owner: "nobody", repo: "nowhere", rev: "0".repeat(40), narHash };
  const lockFile = path.join(folder, "flake.lock");
  const nodes = { root: { inputs: { "nixos-anywhere": "tool" } }, tool: { locked } };
  writeFileSync(lockFile, JSON.stringify({ version: 7, root: "root", nodes }));
  const found = await nixosAnywhere({ timeoutSeconds: 20, environment: {}, lockFile });
  expect(found).toBe(path.join(stored, "src", "nixos-anywhere.sh"));
  expect(existsSync(found)).toBe(true);
});
