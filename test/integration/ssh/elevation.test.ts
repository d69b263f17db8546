import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import type { Elevation } from "../../../model/protocol/connection.ts";
import { acquireHostLock } from "../../../runtime/host/lock/host-lock.ts";
import { createRedactor } from "../../../runtime/platform/redactor.ts";
import { createReporter } from "../../../runtime/platform/reporter.ts";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { scriptOverFreshConnection } from "../../../runtime/ssh/new-connection.ts";
import { openSession, type SshSession } from "../../../runtime/ssh/session.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { testAddress } from "../addresses.ts";
import { generateKeyPair, type KeyPair } from "./local-sshd.ts";

const address = testAddress(30);
const limits = { timeoutSeconds: 60 };
const password = `It's a "pass" $word ${randomBytes(6).toString("hex")}`;
const others = "Defaults";

/** user → its lines for sudoers */
const users: Readonly<Record<string, string>> = {
  free: "free ALL=(ALL) NOPASSWD: ALL",
  asked: "asked ALL=(ALL) ALL",
  "free-tty": `${others}:free-tty requiretty\nfree-tty ALL=(ALL) NOPASSWD: ALL`,
  "asked-tty": `${others}:asked-tty requiretty\nasked-tty ALL=(ALL) ALL`,
  pty: `${others}:pty use_pty\npty ALL=(ALL) ALL`,
  narrow: `${others}:narrow secure_path=/nowhere\nnarrow ALL=(ALL) NOPASSWD: ALL`,
  doer: "",
  runner: "runner ALL=(ALL) NOPASSWD: ALL",
  guest: "",
};

let factory: TestMachineFactory;
let machine: TestMachine;
let hostKeys: KeyPair;
let userKey: KeyPair;

beforeAll(async () => {
  factory = await createMachineFactory();
  hostKeys = generateKeyPair();
  userKey = generateKeyPair();
  machine = await factory.create({
    id: "elevation",
    hostname: "elevation",
    ipv4: address,
    ipv6: null,
    memoryMiB: 1024,
    diskMiB: 256,
    image: "debian-13",
    userData: bootstrapUserData(hostKeys),
    authorizedKeys: [userKey.publicKey],
    bootDelayMs: 0,
  });
  const root = await sessionOf("root");
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password, encoding: "utf8" });
  for (const [name, sudoers] of Object.entries(users)) {
    const argv = ["sh", "-euc", addUser, "add-user", name, hash.trim(), sudoers];
    const added = await root.run(argv, { ...limits, input: `${userKey.publicKey}\n` });
    expect(added).toMatchObject({ ok: true });
  }
  const prepared = await root.run(["sh", "-euc", prepare], limits);
  expect(prepared).toMatchObject({ ok: true });
  await root.close();
}, 120_000);
afterAll(() => factory?.close());

/** Arguments: user, hash of its password, lines for sudoers; authorized keys on standard input. */
const addUser = `
useradd --create-home --password "$2" "$1"
install -d -o "$1" -m 700 "/home/$1/.ssh"
cat > "/home/$1/.ssh/authorized_keys"
chown "$1" "/home/$1/.ssh/authorized_keys"
printf '%s\\n' "$3" >> /etc/sudoers
chmod 440 /etc/sudoers
`;

/** Passwords count, and every try is counted. */
const prepare = `
printf 'permit nopass doer as root\\n' > /etc/doas.conf
chmod 600 /etc/doas.conf
mkdir -p /usr/local/bin
printf '#!/bin/sh\\necho try >> /var/log/tries\\n' > /usr/local/bin/count-try
chmod 755 /usr/local/bin/count-try
touch /var/log/tries
chmod 666 /var/log/tries
printf '%s\\n' 'auth optional pam_exec.so /usr/local/bin/count-try' 'auth required pam_unix.so' \\
  'account required pam_permit.so' 'session required pam_permit.so' > /etc/pam.d/sudo
`;

async function sessionOf(user: string, elevation?: Elevation): Promise<SshSession> {
  const connection = { address, port: 22, user, privateKey: userKey.privateKey };
  const target = {
    host: "web",
    connection: elevation === undefined ? connection : { ...connection, elevation },
    hostKeys: [hostKeys.publicKey],
  };
  return await openSession(target, { timeoutSeconds: 60 });
}

async function as<T>(
  user: string,
  elevation: Elevation | undefined,
  work: (session: SshSession) => Promise<T>,
) {
  const session = await sessionOf(user, elevation);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

const sudo = (secret: string | null): Elevation => ({ tool: "sudo", password: secret });
const tries = async () => (await machine.console(["sh", "-c", "cat /var/log/tries"])).split("\n").length - 1;

const ways: [string, string, Elevation | undefined][] = [
  ["sudo without a password, of which nothing is said", "free", undefined],
  ["sudo with a password", "asked", sudo(password)],
  ["sudo with a password that is not asked for", "free", sudo(password)],
  ["sudo that wants a terminal", "free-tty", undefined],
  ["sudo that wants a terminal and a password", "asked-tty", sudo(password)],
  ["sudo that makes a terminal itself", "pty", sudo(password)],
  ["sudo that finds no programs", "narrow", undefined],
  ["doas", "doer", { tool: "doas", password: null }],
  ["run0", "runner", { tool: "run0", password: null }],
];

describe.each(ways)("%s", (_, user, elevation) => {
  test("makes root, with the programs of the system, and gives back what the program says", async () => {
    await as(user, elevation, async (session) => {
      const id = await session.run(["sh", "-c", "id -u; command -v flock useradd >/dev/null && echo found"], {
        ...limits,
        elevate: true,
      });
      expect(id).toMatchObject({ ok: true, stdout: "0\nfound", stderr: "" });
      const args = ["it's", 'a "b"', "$HOME `x` \\", "", "two\nlines"];
      const echoed = await session.run(["printf", "%s|", ...args], { ...limits, elevate: true });
      expect(echoed.stdout).toBe(`${args.join("|")}|`);
      const failed = await session.run(["sh", "-c", "echo no >&2; exit 7"], { ...limits, elevate: true });
      expect(failed).toMatchObject({ exitCode: 7, stderr: "no" });
      const plain = await session.run(["id", "-un"], limits);
      expect(plain.stdout).toBe(user);
    });
  });

  test("leaves standard input and output as they are, and no password in them", async () => {
    const bytes = randomBytes(300_000);
    await as(user, elevation, async (session) => {
      const read = await session.run(["sha256sum"], { ...limits, input: bytes, elevate: true });
      const sum = execFileSync("sha256sum", { input: bytes, encoding: "utf8" });
      expect(read.stdout).toBe(sum.trim());
      const empty = await session.run(["wc", "-c"], { ...limits, elevate: true });
      expect(empty.stdout).toBe("0");
      const back = await session.run(["base64", "-w0"], { ...limits, input: bytes, elevate: true });
      expect(back.stdout).toBe(bytes.toString("base64"));
    });
  });

  test("shows the password to nobody on the machine", async () => {
    await as(user, elevation, async (session) => {
      const looking =
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | base64 -w0";
      const seen = await session.run(["sh", "-c", looking], { ...limits, elevate: true });
      const text = Buffer.from(seen.stdout, "base64").toString("latin1");
      expect(text).toContain("sshd");
      expect(text).not.toContain(password.slice(-12));
    });
    const folders = ["/tmp", "/var", "/run", "/home", "/root", "/etc", "/dev/shm"];
    const searching = 'grep -rlsF "$@"; true';
    expect(await machine.console(["sh", "-c", searching, "search", password.slice(-12), ...folders])).toBe(
      "",
    );
  });
});

describe("over connections of its own", () => {
  test("a password goes to the lock and to new connections as well", async () => {
    const reporter = createReporter({
      host: "web",
      what: "lock",
      logDirectory: "/tmp",
      redact: createRedactor([password]),
      write: () => {},
    });
    await as("asked", sudo(password), async (session) => {
      const owner = { operator: "me", pid: 1, stack: "s", what: "test", since: new Date().toISOString() };
      const lock = await acquireHostLock(session, { owner, waitSeconds: 5, reporter });
      const seen = await scriptOverFreshConnection(
        session,
        "host/inspect-host",
        ["/run/fleet", "/var/lib/fleet"],
        limits,
      );
      expect(seen.stdout).toContain("lock held");
      await lock.release();
    });
  });
});

describe("whoever does not become root", () => {
  async function refusal(user: string, elevation?: Elevation): Promise<StepError> {
    return await as(user, elevation, async (session) => {
      const run = () => session.run(["true"], { ...limits, elevate: true });
      const [first, second] = await Promise.allSettled([run(), run()]);
      const third = await run().catch((error: unknown) => error);
      expect(first).toEqual(second);
      expect(third).toBe(first?.status === "rejected" ? first.reason : undefined);
      if (!(third instanceof StepError)) throw new Error("it became root");
      return third;
    });
  }

  test("a wrong password is said once, and tried as rarely as sudo allows", async () => {
    const before = await tries();
    const error = await refusal("asked", sudo("wrong password"));
    expect(error.message).toMatch(/^web: becoming root failed: sudo refuses the password of user "asked"/);
    expect(error.message).not.toContain("wrong password");
    expect(error.message).toContain("elevatePassword");
    // The second time sudo finds no password any more, and gives up.
    const counted = (await tries()) - before;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThanOrEqual(2);
  });

  test.each<[string, Elevation | undefined, RegExp]>([
    ["asked", undefined, /may not become root by sudo \(sudo: a password is required\).*NOPASSWD/s],
    ["guest", undefined, /may not become root by sudo/],
    ["guest", sudo(password), /may not become root by sudo \(.*not in the sudoers file/],
    ["guest", { tool: "doas", password: null }, /may not become root by doas .*permit nopass/s],
    ["guest", { tool: "run0", password: null }, /may not become root by run0 .*polkit/s],
  ])("user %s by %j", async (user, elevation, expected) => {
    expect((await refusal(user, elevation)).message).toMatch(expected);
  });

  test("a tool that is not there is named", async () => {
    await machine.console(["mv", "/usr/bin/doas", "/usr/bin/doas.away"]);
    const { message } = await refusal("doer", { tool: "doas", password: null });
    await machine.console(["mv", "/usr/bin/doas.away", "/usr/bin/doas"]);
    expect(message).toContain("there is no doas on the host");
  });
});
