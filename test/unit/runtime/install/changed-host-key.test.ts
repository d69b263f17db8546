import { expect, test } from "vitest";
import { changedHostKey } from "../../../../runtime/install/changed-host-key.ts";
import type { InstallContext } from "../../../../runtime/install/machine/phase.ts";
import type { RunResult } from "../../../../runtime/platform/run-command.ts";
import { fingerprint } from "../../../../runtime/ssh/fingerprint.ts";

const final = `ssh-ed25519 ${Buffer.from("final").toString("base64")}`;
const bootstrap = `ssh-ed25519 ${Buffer.from("bootstrap").toString("base64")}`;
const context = {
  spec: {
    host: "web",
    hostKey: { publicKey: final, privateKey: "" },
    bootstrapHostKey: bootstrap,
    connection: { address: "198.51.100.9", port: 22 },
  },
  reporter: { logFile: "/log" },
} as unknown as InstallContext;
const said = (stderr: string) => ({ ok: false, stdout: "", stderr }) as RunResult;
const shown = "SHA256:t4Mg8/F0B5LCgadifafX9IZY03Ge705Gw6E0CU0Z4JQ";

test.each([
  ["ssh", `The fingerprint for the ED25519 key sent by the remote host is\n${shown}.\nPlease contact`],
  [
    "ssh-copy-id",
    `ERROR: The fingerprint for the ED25519 key sent by the remote host is\r\nERROR: ${shown}.\r\n`,
  ],
])("as %s says it", (_name, stderr) => {
  for (const [key, pinned] of [["final", final] as const, ["bootstrap", bootstrap] as const]) {
    const error = changedHostKey(context, { shown: key, port: 2222 }, said(stderr));
    expect(error?.message).toContain(
      `198.51.100.9 port 2222 shows another host key than before: pinned is ${fingerprint(pinned)}, shown was ${shown};`,
    );
    expect(error?.message).toContain("phase kexec");
  }
});

test("any other failure is not explained by it", () => {
  expect(changedHostKey(context, { shown: "final", port: 22 }, said("Connection refused"))).toBeUndefined();
});
