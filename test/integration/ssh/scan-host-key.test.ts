import { afterAll, beforeAll, expect, test } from "vitest";
import { runScanHostKey } from "../../../cli/internal/scan-host-key.ts";
import type { JumpHop } from "../../../model/protocol/connection.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { scanHostKey } from "../../../runtime/ssh/scan-host-key.ts";
import { freePort, generateKeyPair, type LocalSshd, startSshd } from "./local-sshd.ts";

let sshd: LocalSshd;
beforeAll(async () => {
  sshd = await startSshd({ authorizedKeys: [] });
});
afterAll(() => sshd.stop());

const at = (port: number) => ({ host: "web", address: "127.0.0.1", port });

test("a machine is asked for its key, and nobody logs in", async () => {
  const key = await scanHostKey(at(sshd.port), { timeoutSeconds: 10 });
  expect(sshd.hostKey.publicKey).toMatch(new RegExp(`^${key.replaceAll(/[+/]/g, "\\$&")}( |$)`));
  expect(sshd.logins()).toBe(0);
});

test("a key that is trusted on first use is named", async () => {
  const lines: string[] = [];
  const io = { signal: new AbortController().signal, write: (line: string) => lines.push(line) };
  const spec = { version: 1, ...at(sshd.port), timeoutSeconds: 10 };
  const result = await runScanHostKey(JSON.stringify(spec), io);
  expect(result.host).toBe("web");
  expect(lines).toEqual([expect.stringContaining(fingerprint(sshd.hostKey.publicKey))]);
  await expect(runScanHostKey(JSON.stringify({ ...spec, port: 0, more: 1 }), io)).rejects.toThrow(/port: /);
});

test("a machine that does not answer is given up at the deadline", async () => {
  const port = await freePort();
  const started = Date.now();
  await expect(scanHostKey(at(port), { timeoutSeconds: 3 })).rejects.toThrow(
    new RegExp(`web: host key scan failed: 127.0.0.1 port ${port} showed no ssh-ed25519 host key within 3 s`),
  );
  expect(Date.now() - started).toBeGreaterThan(1500);
  expect(Date.now() - started).toBeLessThan(20_000);
});

test("waiting ends when the run is cancelled", async () => {
  const controller = new AbortController();
  const scan = scanHostKey(at(await freePort()), { timeoutSeconds: 60, signal: controller.signal });
  setTimeout(() => controller.abort(), 500);
  const started = Date.now();
  await expect(scan).rejects.toThrow("host key scan");
  expect(Date.now() - started).toBeLessThan(30_000);
});

test("a key is seen through pinned machines, and nobody logs in at its end", async () => {
  const userKey = generateKeyPair();
  const between = await startSshd({ authorizedKeys: [userKey.publicKey] });
  const hop = (hostKey: string): JumpHop => ({
    name: "bastion",
    address: "127.0.0.1",
    port: between.port,
    user: between.user,
    hostKey,
    privateKey: null,
  });
  const io = { signal: new AbortController().signal, write: () => {} };
  const ask = (hostKey: string, port = sshd.port) => {
    const through = { jump: [hop(hostKey)], privateKey: userKey.privateKey };
    return runScanHostKey(JSON.stringify({ version: 1, ...at(port), through, timeoutSeconds: 5 }), io);
  };
  try {
    const { publicKey } = await ask(between.hostKey.publicKey);
    expect(fingerprint(publicKey)).toBe(fingerprint(sshd.hostKey.publicKey));
    expect([sshd.logins(), between.logins()]).toEqual([0, 1]);
    const wrong = ask(userKey.publicKey);
    await expect(wrong).rejects.toThrow(/jump host "bastion" .* shows another host key/);
    const dead = ask(between.hostKey.publicKey, await freePort());
    await expect(dead).rejects.toThrow(/showed no ssh-ed25519 host key within 5 s \(connect failed/);
  } finally {
    await between.stop();
  }
}, 30_000);
