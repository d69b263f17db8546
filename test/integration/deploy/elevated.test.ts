import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Elevation } from "../../../model/protocol/connection.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import { testAddress } from "../addresses.ts";
import { recordedCalls } from "./recorded-calls.ts";
import { createScene, type Scene } from "./scene.ts";

const password = "correct horse battery";

/** Arguments: hash of the password. */
const addOperator = `
echo 'operator:x:1000:100::/home/operator:/bin/sh' >> /etc/passwd
printf 'operator:%s:20000:0:99999:7:::\\n' "$1" >> /etc/shadow
mkdir -p /home/operator /etc/pam.d
printf '%s\\n' 'auth required pam_unix.so' 'account required pam_permit.so' 'session required pam_permit.so' > /etc/pam.d/sudo
echo 'operator ALL=(ALL) ALL' > /etc/sudoers
chmod 440 /etc/sudoers
`;

/** Whole deployments as a user whose sudo asks for a password: lock, copy, activation, confirmation over a new connection. */
describe("a deployment as a user that becomes root with a password", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await createScene("elevated", testAddress(60));
    const hash = execFileSync("openssl", ["passwd", "-6", password], { encoding: "utf8" }).trim();
    const { connection, hostKey } = scene.web;
    const root = await openSession({ host: "web", connection, hostKeys: [hostKey] }, { timeoutSeconds: 120 });
    const argv = ["sh", "-euc", addOperator, "add-operator", hash];
    expect(await root.run(argv, { timeoutSeconds: 30 })).toMatchObject({ ok: true });
    await root.close();
  });
  afterAll(() => scene?.close());

  const as = (elevation: Elevation) => ({
    connection: { ...scene.web.connection, user: "operator", elevation },
  });

  it("deploys, confirms and commits", async () => {
    const spec = await scene.spec("two", as({ tool: "sudo", password }));
    let result: unknown;
    const { ssh = [] } = await recordedCalls(["ssh"], path.join(scene.logDirectory, "recorded"), async () => {
      result = await scene.deploy(spec);
    });
    expect(result).toMatchObject({ outcome: "deployed" });
    // Whoever keeps what was said until it can be read would read the password.
    expect(ssh.filter((call) => call.includes("fleet-signal-attempt"))).toHaveLength(1);
    expect(ssh.join()).not.toContain("KexAlgorithms");
    expect(await scene.page()).toContain("two");
    const seen = await scene.observe();
    expect(seen).toMatchObject({ current: spec.system.toplevel, confirmed: spec.system.toplevel });
    expect(seen.bootEntry).toBe(spec.system.toplevel);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect((await scene.commands()).join("\n")).not.toContain(password);
  });

  it("changes nothing with a wrong password, or with none", async () => {
    const before = await scene.observe();
    const wrong = await scene.spec("three", as({ tool: "sudo", password: "incorrect horse" }));
    const refused = await scene.refusal(wrong);
    expect(refused.message).toContain('becoming root failed: sudo refuses the password of user "operator"');
    const none = await scene.refusal({ ...wrong, ...as({ tool: "sudo", password: null }) });
    expect(none.message).toContain('user "operator" may not become root by sudo');
    expect(await scene.observe()).toEqual(before);
  });
});
