import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { privateFolderBase } from "../../../runtime/ssh/private-folder.ts";
import { openSession, type SshTarget } from "../../../runtime/ssh/session.ts";
import { freePort, generateKeyPair, type KeyPair, type LocalSshd, startSshd } from "./local-sshd.ts";

let place: string;
let sshd: LocalSshd;
let userKey: KeyPair;

beforeAll(async () => {
  // Others on this machine have sessions too: ours are the only ones here.
  place = mkdtempSync(path.join(tmpdir(), "sessions-"));
  vi.stubEnv("XDG_RUNTIME_DIR", place);
  userKey = generateKeyPair();
  sshd = await startSshd({ authorizedKeys: [userKey.publicKey] });
});
afterAll(async () => {
  await sshd.stop();
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

const target = (changes: { port?: number; privateKey?: string; hostKeys?: string[] } = {}): SshTarget => ({
  host: "web",
  connection: {
    address: "127.0.0.1",
    port: changes.port ?? sshd.port,
    user: sshd.user,
    privateKey: changes.privateKey ?? userKey.privateKey,
  },
  hostKeys: changes.hostKeys ?? [sshd.hostKey.publicKey],
});

const folders = () => readdirSync(privateFolderBase()).filter((name) => name.startsWith("fleet-"));

const failure = async (wanted: SshTarget, timeoutSeconds: number) => {
  const started = Date.now();
  const error = await openSession(wanted, { timeoutSeconds }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof Error)) throw new Error("the session opened");
  return { message: error.message, seconds: (Date.now() - started) / 1000 };
};

test("runs argv as it is given, with its input, over one login", async () => {
  const before = sshd.logins();
  const session = await openSession(target(), { timeoutSeconds: 10 });
  try {
    const args = ["it's", 'a "b"', "$HOME `x` \\", "", "two\nlines", "!~*{a,b}", "é"];
    const echoed = await session.run(["printf", "%s|", ...args], { timeoutSeconds: 10 });
    expect(echoed.stdout).toBe(`${args.join("|")}|`);
    const copied = await session.run(["cat"], { input: "from stdin", timeoutSeconds: 10 });
    expect(copied.stdout).toBe("from stdin");
    const failed = await session.run(["sh", "-c", "echo no >&2; exit 7"], { timeoutSeconds: 10 });
    expect(failed).toMatchObject({ exitCode: 7, ok: false, stderr: "no" });
    expect(sshd.logins() - before).toBe(1);
  } finally {
    await session.close();
  }
});

test("fresh options make a connection of their own; both reach the target by its alias", async () => {
  const session = await openSession(target(), { timeoutSeconds: 10 });
  try {
    const before = sshd.logins();
    const reply = (options: readonly string[]) =>
      execFileSync("ssh", [...options, session.destination, "echo here"], { encoding: "utf8" }).trim();
    expect(reply(session.options)).toBe("here");
    expect(sshd.logins() - before).toBe(0);
    expect(reply(session.fresh)).toBe("here");
    expect(sshd.logins() - before).toBe(1);
  } finally {
    await session.close();
  }
});

test("later options cannot weaken the pin", async () => {
  const session = await openSession(target({ hostKeys: [sshd.hostKey.publicKey] }), { timeoutSeconds: 10 });
  try {
    const weak = [
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
      "-o",
      "IdentitiesOnly=no",
    ];
    const settings = execFileSync("ssh", [...session.fresh, ...weak, "-G", session.destination], {
      encoding: "utf8",
    });
    expect(settings).toMatch(/^stricthostkeychecking true$/m);
    expect(settings).toMatch(/^userknownhostsfile \/.*known_hosts$/m);
    expect(settings).toMatch(/^identitiesonly yes$/m);
  } finally {
    await session.close();
  }
});

test("another host key is refused at once, with both fingerprints", async () => {
  const pinned = generateKeyPair();
  const { message, seconds } = await failure(target({ hostKeys: [pinned.publicKey] }), 30);
  expect(message).toContain(fingerprint(pinned.publicKey));
  expect(message).toContain(fingerprint(sshd.hostKey.publicKey));
  expect(message).toContain("web: contact failed");
  expect(seconds).toBeLessThan(20);
});

test("any of several pinned keys is accepted", async () => {
  const keys = [generateKeyPair().publicKey, sshd.hostKey.publicKey];
  const session = await openSession(target({ hostKeys: keys }), { timeoutSeconds: 10 });
  await session.close();
});

test("no pinned key at all is refused without a connection", async () => {
  const { message } = await failure(target({ hostKeys: [] }), 5);
  expect(message).toContain("no host key is pinned");
});

test("a refused user key is named after a short grace, long before the deadline", async () => {
  const { message, seconds } = await failure(target({ privateKey: generateKeyPair().privateKey }), 60);
  expect(message).toMatch(/refuses the key for user ".+" \(.*Permission denied/);
  expect(seconds).toBeLessThan(40);
}, 90_000);

test("a private key that is none is said at once", async () => {
  const { message, seconds } = await failure(target({ privateKey: "nonsense" }), 30);
  expect(message).toContain("private key");
  expect(message).not.toContain("nonsense");
  expect(seconds).toBeLessThan(20);
});

test("an unreachable machine is given up at the deadline, with what was seen", async () => {
  const { message, seconds } = await failure(target({ port: await freePort() }), 3);
  expect(message).toMatch(/could not be reached within \d+ s \(.*Connection refused/);
  expect(seconds).toBeGreaterThan(1);
  expect(seconds).toBeLessThan(15);
});

test("a machine that comes up later is waited for", async () => {
  const port = await freePort();
  const opening = openSession(target({ port }), { timeoutSeconds: 20 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const late = await startSshd({ authorizedKeys: [userKey.publicKey], hostKey: sshd.hostKey, port });
  try {
    const session = await opening;
    await session.close();
    expect(late.logins()).toBe(1);
  } finally {
    await late.stop();
  }
}, 30_000);

test("an agent's keys are not offered", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
  const socket = path.join(folder, "socket");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    writeFileSync(path.join(folder, "key"), userKey.privateKey, { mode: 0o600 });
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (let attempt = 0; ; attempt++) {
      try {
        execFileSync("ssh-add", ["-q", path.join(folder, "key")], { env, stdio: "ignore" });
        break;
      } catch (error) {
        if (attempt > 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    process.env["SSH_AUTH_SOCK"] = socket;
    const { message } = await failure(target({ privateKey: generateKeyPair().privateKey }), 2);
    expect(message).toContain("refuses the key");
  } finally {
    delete process.env["SSH_AUTH_SOCK"];
    agent.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("nothing is left behind, neither after close nor after a failure", async () => {
  const before = folders();
  const session = await openSession(target(), { timeoutSeconds: 10 });
  expect(folders().length).toBe(before.length + 1);
  await Promise.all([session.close(), session.close()]);
  await failure(target({ port: await freePort() }), 1);
  expect(folders()).toEqual(before);
});

test("a killed process leaves no connection, and its key is swept by the next run", async () => {
  const before = folders();
  const program = path.join(import.meta.dirname, "open-and-wait.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(target()));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const left = folders().filter((name) => !before.includes(name));
  expect(left).toHaveLength(1);
  child.kill("SIGKILL");
  const connections = () =>
    execFileSync("pgrep", ["-f", "-c", `ControlPath=.*${left[0]}/c`], { encoding: "utf8" }).trim();
  await vi.waitFor(() => expect(connections).toThrow(), { timeout: 5000 });
  const session = await openSession(target(), { timeoutSeconds: 10 });
  await session.close();
  expect(folders()).toEqual(before);
});

test("cancelling ends the wait at once", async () => {
  const cancel = new AbortController();
  const opening = openSession(target({ port: await freePort() }), {
    timeoutSeconds: 60,
    signal: cancel.signal,
  });
  setTimeout(() => cancel.abort(), 500);
  await expect(opening).rejects.toThrow("cancelled");
});

test("does not go on in another system of the machine, whose key is pinned as well, when its connection has broken", async () => {
  const [image, installed] = [generateKeyPair(), generateKeyPair()];
  const authorizedKeys = [userKey.publicKey];
  const first = await startSshd({ authorizedKeys, hostKey: image });
  const { port } = first;
  const wanted = target({ port, hostKeys: [installed.publicKey, image.publicKey] });
  const session = await openSession(wanted, { timeoutSeconds: 10 });
  try {
    expect(session.shownFingerprint).toBe(fingerprint(image.publicKey));
    await first.stop();
    // The parent of a command is the sshd of its connection.
    await session.run(["sh", "-c", "kill -KILL $PPID"], { timeoutSeconds: 10 });
    expect(await session.isLost(5)).toBe(true);
    const second = await startSshd({ authorizedKeys, hostKey: installed, port });
    const refused = await session.run(["true"], { timeoutSeconds: 10 });
    expect(refused).toMatchObject({ ok: false, exitCode: 255 });
    expect(second.logins()).toBe(0);
    await second.stop();
    const back = await startSshd({ authorizedKeys, hostKey: image, port });
    expect(await session.run(["true"], { timeoutSeconds: 10 })).toMatchObject({ ok: true });
    await back.stop();
  } finally {
    await session.close();
  }
});
