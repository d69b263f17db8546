import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { JumpHop } from "../../../model/protocol/connection.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { ConnectionError, openSession, type SshTarget } from "../../../runtime/ssh/session.ts";
import { freePort, generateKeyPair, type KeyPair, type LocalSshd, startSshd } from "./local-sshd.ts";

let place: string;
let userKey: KeyPair;
let hopKey: KeyPair;
let outer: LocalSshd;
let inner: LocalSshd;
let target: LocalSshd;

beforeAll(async () => {
  place = mkdtempSync(path.join(tmpdir(), "jumps-"));
  vi.stubEnv("XDG_RUNTIME_DIR", place);
  userKey = generateKeyPair();
  hopKey = generateKeyPair();
  // Three tries: an agent of ten keys would be thrown out.
  const settings = ["MaxAuthTries 3"];
  outer = await startSshd({ authorizedKeys: [userKey.publicKey], settings });
  inner = await startSshd({ authorizedKeys: [hopKey.publicKey], settings, address: "::1" });
  target = await startSshd({ authorizedKeys: [userKey.publicKey], settings });
});
afterAll(async () => {
  await Promise.all([outer.stop(), inner.stop(), target.stop()]);
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

const hop = (sshd: LocalSshd, changes: Partial<JumpHop> = {}): JumpHop => ({
  name: "bastion",
  address: "127.0.0.1",
  port: sshd.port,
  user: sshd.user,
  hostKey: sshd.hostKey.publicKey,
  privateKey: null,
  ...changes,
});
const innerHop = (changes: Partial<JumpHop> = {}) =>
  hop(inner, { name: "cellar", address: "::1", privateKey: hopKey.privateKey, ...changes });

const behind = (
  jump: JumpHop[],
  changes: { port?: number; privateKey?: string; hostKey?: string } = {},
): SshTarget => ({
  host: "web",
  connection: {
    address: "127.0.0.1",
    port: changes.port ?? target.port,
    user: target.user,
    privateKey: changes.privateKey ?? userKey.privateKey,
    jump,
  },
  hostKeys: [changes.hostKey ?? target.hostKey.publicKey],
});

async function failure(wanted: SshTarget, timeoutSeconds = 20): Promise<ConnectionError> {
  const error: unknown = await openSession(wanted, { timeoutSeconds }).then(
    (session) => session.close(),
    (error: unknown) => error,
  );
  if (!(error instanceof ConnectionError)) throw new Error("the session opened");
  return error;
}

const logins = () => [outer, inner, target].map((sshd) => sshd.logins());
const gained = (before: number[]) => logins().map((count, index) => count - (before[index] ?? 0));

test("a target behind two machines is reached by one login each, and later commands need none", async () => {
  const before = logins();
  const session = await openSession(behind([hop(outer), innerHop()]), { timeoutSeconds: 20 });
  try {
    expect(session.shownFingerprint).toBe(fingerprint(target.hostKey.publicKey));
    expect((await session.run(["cat"], { input: "through", timeoutSeconds: 10 })).stdout).toBe("through");
    expect((await session.run(["true"], { timeoutSeconds: 10 })).stderr).toBe("");
    expect(gained(before)).toEqual([1, 1, 1]);
    const fresh = execFileSync("ssh", [...session.fresh, session.destination, "echo fresh"], {
      encoding: "utf8",
    });
    expect(fresh.trim()).toBe("fresh");
    expect(gained(before)).toEqual([2, 2, 2]);
    expect([...session.options, ...session.fresh].filter((option) => /\s/.test(option))).toEqual([]);
  } finally {
    await session.close();
  }
  expect(readdirSync(place)).toEqual([]);
});

test("keys of the way lie in files of their own that nobody else can read", async () => {
  const session = await openSession(behind([hop(outer), innerHop()]), { timeoutSeconds: 20 });
  try {
    const folder = path.dirname(session.identityFile);
    const holding = readdirSync(folder).filter((name) => {
      const file = path.join(folder, name);
      return statSync(file).isFile() && readFileSync(file, "utf8").includes("PRIVATE KEY");
    });
    expect(holding.sort()).toEqual(["id", "jump-2"]);
    for (const name of holding) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  } finally {
    await session.close();
  }
});

test.each([
  [
    "first",
    () => [hop(outer, { hostKey: userKey.publicKey }), innerHop()],
    'jump host "bastion"',
    () => outer,
  ],
  ["second", () => [hop(outer), innerHop({ hostKey: userKey.publicKey })], 'jump host "cellar"', () => inner],
])("a %s machine with another key is refused by name, with both fingerprints", async (_, way, name, sshd) => {
  const before = target.logins();
  const started = Date.now();
  const error = await failure(behind(way()), 60);
  expect(error.kind).toBe("host-key");
  expect(error.message).toContain(`${name} (`);
  expect(error.message).toContain(`pinned is ${fingerprint(userKey.publicKey)}`);
  expect(error.message).toContain(`shown was ${fingerprint(sshd().hostKey.publicKey)}`);
  expect(Date.now() - started).toBeLessThan(20_000);
  expect(target.logins()).toBe(before);
});

test("the target itself is as strict behind another machine", async () => {
  const error = await failure(behind([hop(outer)], { hostKey: userKey.publicKey }));
  expect(error.message).toContain('(through jump host "bastion") shows another host key');
  expect(error.message).toContain(`shown was ${fingerprint(target.hostKey.publicKey)}`);
});

test("whoever refuses the key is named, with the key that should be let in", async () => {
  const atHop = await failure(behind([hop(outer), innerHop({ privateKey: null })]), 60);
  expect(atHop.kind).toBe("user-key");
  const given = userKey.publicKey.split(" ").slice(0, 2).join(" ");
  expect(atHop.message).toMatch(/jump host "cellar" \(::1 port \d+\) refuses the key/);
  expect(atHop.message).toContain(`this line: ${given}`);
  const atTarget = await failure(
    behind([hop(outer, { privateKey: userKey.privateKey })], { privateKey: hopKey.privateKey }),
    60,
  );
  expect(atTarget.message).toMatch(/127\.0\.0\.1 port \d+ \(through jump host "bastion"\) refuses the key/);
}, 60_000);

test("where the way ends is said, whether it is a machine in between or the target", async () => {
  const nowhere = await freePort();
  const [first, second, last] = await Promise.all([
    failure(behind([hop(outer, { port: nowhere }), innerHop()]), 3),
    failure(behind([hop(outer), innerHop({ port: nowhere })]), 3),
    failure(behind([hop(outer)], { port: nowhere }), 3),
  ]);
  expect(first.message).toMatch(/jump host "bastion" .* could not be reached .*Connection refused/);
  expect(second.message).toMatch(
    /jump host "cellar" .* could not be reached .*connect failed: Connection refused/,
  );
  expect(last.message).toMatch(/127\.0\.0\.1 port \d+ \(through .* could not be reached .*connect failed/);
  expect([first, second, last].map(({ kind }) => kind)).toEqual(Array(3).fill("unreachable"));
});

test("a machine that forwards nothing is told from one that is down, and at once", async () => {
  const settings = ["AllowTcpForwarding no"];
  const deaf = await startSshd({ authorizedKeys: [userKey.publicKey], settings });
  try {
    const error = await failure(behind([hop(deaf, { name: "deaf" })]), 60);
    expect(error.kind).toBe("no-forwarding");
    expect(error.message).toMatch(/jump host "deaf" .* accepts the login, but forwards no connection/);
    expect(error.message).toContain("AllowTcpForwarding");
  } finally {
    await deaf.stop();
  }
});

test("an agent full of keys and a configuration of the user's are of no account on the whole way", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
  const socket = path.join(folder, "socket");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (let count = 0; count < 10; count++) {
      writeFileSync(path.join(folder, `key-${count}`), generateKeyPair().privateKey, { mode: 0o600 });
      await vi.waitFor(
        () => execFileSync("ssh-add", ["-q", path.join(folder, `key-${count}`)], { env, stdio: "ignore" }),
        { timeout: 10_000 },
      );
    }
    vi.stubEnv("SSH_AUTH_SOCK", socket);
    const session = await openSession(behind([hop(outer), innerHop()]), { timeoutSeconds: 20 });
    // Without care the same agent is thrown out: so the limit is real.
    const careless = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
    const args = [...careless, "-o", "BatchMode=yes", "-p", String(outer.port), "root@127.0.0.1", "true"];
    expect(() => execFileSync("ssh", args, { env, stdio: "pipe" })).toThrow(
      /Too many authentication failures/,
    );
    await session.close();
  } finally {
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
    agent.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

test("options given later weaken no machine on the way", async () => {
  const strict = await openSession(behind([hop(outer)]), { timeoutSeconds: 20 });
  const weak = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
  try {
    const config = strict.fresh[strict.fresh.indexOf("-F") + 1] ?? "";
    const text = readFileSync(config, "utf8");
    writeFileSync(path.join(path.dirname(config), "known_hosts"), "");
    const attempt = () =>
      execFileSync("ssh", [...strict.fresh, ...weak, strict.destination, "true"], { stdio: "pipe" });
    expect(attempt).toThrow(/Host key verification failed/);
    expect(text).toContain("StrictHostKeyChecking yes");
  } finally {
    await strict.close();
  }
});

test("ending the wait leaves no process behind, also where a machine in between hangs", async () => {
  // Takes the connection and never says a word.
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const cancel = new AbortController();
  const opening = openSession(behind([hop(outer, { port: address.port })]), {
    timeoutSeconds: 60,
    signal: cancel.signal,
  });
  setTimeout(() => cancel.abort(), 1000);
  await expect(opening).rejects.toThrow("cancelled");
  const left = () => execFileSync("pgrep", ["-f", `ssh .*${place}`], { encoding: "utf8" });
  await vi.waitFor(() => expect(left).toThrow(), { timeout: 5000 });
  silent.close();
}, 30_000);
