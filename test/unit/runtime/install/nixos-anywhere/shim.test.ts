import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { packageRoot } from "../../../../../runtime/platform/package-root.ts";

const shim = (name: string) => path.join(packageRoot(), "runtime", "install", "nixos-anywhere", "shim", name);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "shim-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("our options come before those of the caller, each as one word, unexpanded", () => {
  const real = path.join(folder, "real-ssh");
  writeFileSync(real, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
  chmodSync(real, 0o755);
  const env = { ...process.env, FLEET_SHIM_SSH: real, FLEET_SHIM_SSH_OPTIONS: "-F none -o A=*" };
  const output = execFileSync(shim("ssh.sh"), ["-o", "A=no", "root@h", "echo 'a b'"], {
    env,
    encoding: "utf8",
  });
  expect(output.trimEnd().split("\n")).toEqual([
    "-F",
    "none",
    "-o",
    "A=*",
    "-o",
    "A=no",
    "root@h",
    "echo 'a b'",
  ]);
});

test.each(["FLEET_SHIM_SSH", "FLEET_SHIM_SSH_OPTIONS"])("without %s nothing is connected", (missing) => {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    FLEET_SHIM_SSH: "/bin/true",
    FLEET_SHIM_SSH_OPTIONS: "-F none",
  };
  delete env[missing];
  expect(() => execFileSync(shim("ssh.sh"), ["h"], { env, stdio: "pipe" })).toThrow(missing);
});

test.each([
  ["root@h echo facts", true],
  ["root@h mkdir -p kexec", false],
  ["-p 22 root@h bash kexec/run", false],
])("%s: the shared connection is left to it: %s", (command, shared) => {
  const link = path.join(folder, "shared");
  writeFileSync(link, "");
  const real = path.join(folder, "telling-ssh");
  writeFileSync(real, '#!/bin/sh\n[ -e "$FLEET_SHIM_SSH_UNTIL_KEXEC" ] && echo shared || echo fresh\n');
  chmodSync(real, 0o755);
  const settings = {
    FLEET_SHIM_SSH: real,
    FLEET_SHIM_SSH_OPTIONS: "-F none",
    FLEET_SHIM_SSH_UNTIL_KEXEC: link,
  };
  const said = execFileSync(shim("ssh.sh"), command.split(" "), {
    env: { ...process.env, ...settings },
    encoding: "utf8",
  });
  expect(said).toBe(shared ? "shared\n" : "fresh\n");
  expect(existsSync(link)).toBe(shared);
});

test("ssh itself takes the pin before what nixos-anywhere asks for", () => {
  const env = {
    ...process.env,
    FLEET_SHIM_SSH: "ssh",
    FLEET_SHIM_SSH_OPTIONS:
      "-F none -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/pinned -o HostName=192.0.2.1",
  };
  const asked = [
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "StrictHostKeyChecking=no",
    "-G",
    "root@fleet-web",
  ];
  const settings = execFileSync(shim("ssh.sh"), asked, { env, encoding: "utf8" });
  expect(settings).toMatch(/^stricthostkeychecking true$/m);
  expect(settings).toMatch(/^userknownhostsfile \/pinned$/m);
  expect(settings).toMatch(/^hostname 192\.0\.2\.1$/m);
});

test("the leash gives back the program's exit code", () => {
  const run = (code: number) =>
    execFileSync("setsid", [
      "sh",
      shim("kill-with-parent.sh"),
      String(process.pid),
      "sh",
      "-c",
      `exit ${code}`,
    ]);
  expect(() => run(0)).not.toThrow();
  expect(() => run(7)).toThrow(expect.objectContaining({ status: 7 }));
});

test("when its owner is killed, the program and what it started end", async () => {
  const pids = path.join(folder, "pids");
  const owner = spawn("sleep", ["60"]);
  const program = `sleep 60 & echo $$ $! >'${pids}'; wait`;
  const leash = spawn("setsid", ["sh", shim("kill-with-parent.sh"), String(owner.pid), "sh", "-c", program]);
  await vi.waitFor(() => expect(readFileSync(pids, "utf8")).toMatch(/^\d+ \d+\n$/), { timeout: 5000 });
  owner.kill("SIGKILL");
  await new Promise((resolve) => leash.once("exit", resolve));
  for (const pid of readFileSync(pids, "utf8").trim().split(" ")) {
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"), { timeout: 3000 });
  }
});
