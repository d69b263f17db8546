import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectionCandidate, connectFirst } from "../../../runtime/ssh/connect-first.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { ConnectionError } from "../../../runtime/ssh/session.ts";
import { freePort, generateKeyPair, type KeyPair, type LocalSshd, startSshd } from "./local-sshd.ts";

let userKey: KeyPair;
let open: LocalSshd;
let stranger: LocalSshd;
let nobody: number;

beforeAll(async () => {
  userKey = generateKeyPair();
  open = await startSshd({ authorizedKeys: [userKey.publicKey] });
  stranger = await startSshd({ authorizedKeys: [generateKeyPair().publicKey] });
  nobody = await freePort();
});
afterAll(async () => {
  await open.stop();
  await stranger.stop();
});

/** To a port where the key of `open` is expected. */
const way = (
  port: number,
  changes: { authoritative?: boolean; hostKey?: string } = {},
): ConnectionCandidate => ({
  target: {
    host: "web",
    connection: { address: "127.0.0.1", port, user: open.user, privateKey: userKey.privateKey },
    hostKeys: [changes.hostKey ?? open.hostKey.publicKey],
  },
  authoritative: changes.authoritative ?? true,
});

async function kindOf(
  ways: readonly [ConnectionCandidate, ...ConnectionCandidate[]],
  timeoutSeconds: number,
): Promise<string> {
  const error = await connectFirst(ways, { timeoutSeconds }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof ConnectionError) return error.kind;
  throw new Error(`no error of a contact: ${String(error)}`);
}

describe("of several ways to a machine", () => {
  test("the one that leads in is taken, wherever it stands", async () => {
    for (const ways of [
      [way(open.port), way(nobody)],
      [way(nobody), way(open.port)],
    ] as const) {
      const session = await connectFirst([...ways], { timeoutSeconds: 60 });
      expect(session.target.connection.port).toBe(open.port);
      expect(session.shownFingerprint).toBe(fingerprint(open.hostKey.publicKey));
      const result = await session.run(["echo", "here"], { timeoutSeconds: 20 });
      expect(result.stdout).toBe("here");
      await session.close();
    }
  });

  test("another host key ends all of them where it is decisive, long before the deadline", async () => {
    const started = Date.now();
    expect(await kindOf([way(stranger.port), way(nobody)], 600)).toBe("host-key");
    expect(Date.now() - started).toBeLessThan(300_000);
  });

  test("where it is not, some other machine answers there, and the others go on", async () => {
    const session = await connectFirst([way(stranger.port, { authoritative: false }), way(open.port)], {
      timeoutSeconds: 60,
    });
    expect(session.target.connection.port).toBe(open.port);
    await session.close();
  });

  test("the error is that of the way that came furthest, strangers last", async () => {
    const refused = way(stranger.port, { hostKey: stranger.hostKey.publicKey });
    expect(await kindOf([way(nobody), refused], 3)).toBe("user-key");
    expect(await kindOf([refused, way(nobody)], 3)).toBe("user-key");
    const other = way(stranger.port, { authoritative: false });
    expect(await kindOf([other, way(nobody)], 3)).toBe("unreachable");
    expect(await kindOf([other, refused], 3)).toBe("user-key");
  });

  test("an end from outside ends all of them", async () => {
    const end = new AbortController();
    const running = connectFirst([way(nobody), way(nobody)], { timeoutSeconds: 600, signal: end.signal });
    end.abort();
    await expect(running).rejects.toMatchObject({ kind: "cancelled" });
  });
});
