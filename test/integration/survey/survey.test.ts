import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSurvey, type Inspection } from "../../../runtime/preview/inspect-hosts.ts";
import type { SshTarget } from "../../../runtime/ssh/session.ts";
import { generateKeyPair, type KeyPair, type LocalSshd, startSshd } from "../ssh/local-sshd.ts";

let sshd: LocalSshd;
let userKey: KeyPair;
let silent: Server;
let silentPort: number;

beforeAll(async () => {
  userKey = generateKeyPair();
  sshd = await startSshd({ authorizedKeys: [userKey.publicKey] });
  // The worst of dead machines: one that lets you in and never says a word.
  silent = createServer(() => {});
  silentPort = await new Promise((resolve, reject) => {
    silent.listen(0, "127.0.0.1", () => {
      const address = silent.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("no port"));
    });
  });
});
afterAll(async () => {
  silent.close();
  await sshd.stop();
});

const target = (host: string, port: number): SshTarget => ({
  host,
  connection: { address: "127.0.0.1", port, user: sshd.user, privateKey: userKey.privateKey },
  hostKeys: [sshd.hostKey.publicKey],
});

async function lookAt(ports: readonly number[], limits: { host: number; total: number }) {
  const survey = createSurvey(limits);
  const started = Date.now();
  const looks: Inspection[] = await Promise.all(
    ports.map((port, index) =>
      survey.look({ target: target(`host-${index}`, port), wanted: null, preview: "off" }),
    ),
  );
  return { looks, seconds: (Date.now() - started) / 1000 };
}

const times = (count: number, port: number) => Array.from({ length: count }, () => port);

test("looks at twenty hosts together, over one connection each; five dead ones cost as much as one", async () => {
  const before = sshd.logins();
  const { looks, seconds } = await lookAt([...times(15, sshd.port), ...times(5, silentPort)], {
    host: 20,
    total: 60,
  });
  expect(looks.map(({ reachable }) => reachable)).toEqual([...Array(15).fill(true), ...Array(5).fill(false)]);
  expect(sshd.logins() - before).toBe(15);
  // One after the other the dead ones alone would take 100 s.
  expect(seconds).toBeGreaterThan(5);
  expect(seconds).toBeLessThan(60);
  for (const look of looks.slice(15)) expect(look).toMatchObject({ seen: expect.stringContaining("port") });
});

test("a host whose turn comes too late is not looked at, and says so", async () => {
  // One more than are looked at together.
  const { looks, seconds } = await lookAt(times(33, silentPort), { host: 3, total: 3 });
  expect(looks.map(({ reachable }) => reachable)).toEqual(Array(33).fill(false));
  expect(looks.at(-2)).toMatchObject({ seen: expect.stringContaining("port") });
  expect(looks.at(-1)).toEqual({ reachable: false, away: false, seen: "no time was left to check it" });
  expect(seconds).toBeLessThan(30);
});

test("another host key is no reason to go on", async () => {
  const survey = createSurvey({ host: 20, total: 60 });
  const stranger = { ...target("web", sshd.port), hostKeys: [generateKeyPair().publicKey] };
  const before = sshd.logins();
  const look = await survey.look({ target: stranger, wanted: null, preview: "off" });
  expect(look).toMatchObject({ reachable: false, seen: expect.stringContaining("shows another host key") });
  expect(sshd.logins()).toBe(before);
});
