import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { x25519 } from "@noble/curves/ed25519.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wireguardPublicKey } from "../../../../components/identity/wireguard-key.ts";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";
import { fc } from "../../property.ts";
import { armoured, openSsh } from "../open-ssh-key.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mesh-key-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the host does with its key: the private key, or what it says against it. */
function onHost(hostKey: string): { privateKey: string } | { refused: string } {
  const input = path.join(folder, "host-key");
  const output = path.join(folder, "private-key");
  rmSync(output, { force: true });
  writeFileSync(input, hostKey);
  const script = path.join(packageRoot(), "hosts/modules/mesh/key.sh");
  const { status, stderr } = spawnSync("sh", [script, input, output], { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) return { refused: stderr };
  expect(statSync(output).mode & 0o777).toBe(0o600);
  return { privateKey: readFileSync(output, "utf8") };
}

const publicOf = (privateKey: string) =>
  Buffer.from(x25519.getPublicKey(new Uint8Array(Buffer.from(privateKey, "base64")))).toString("base64");

function sshKeygen(...options: string[]): string {
  const file = path.join(folder, "made");
  for (const name of [file, `${file}.pub`]) rmSync(name, { force: true });
  execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
  return readFileSync(file, "utf8");
}

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });
const seed = new Uint8Array(32).fill(7);
const sample = openSsh(seed, new Uint8Array(4), "web");

describe("the mesh's key", () => {
  it("is on the host the private half of what we publish, and it is the hash of label and seed", {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(bytes(32), bytes(4), fc.stringMatching(/^[ -~]{0,40}$/), (from, check, comment) => {
        const hostKey = armoured(openSsh(from, check, comment));
        const made = onHost(hostKey);
        if (!("privateKey" in made)) throw new Error(made.refused);
        const hash = createHash("sha256").update("pulumi-nixos mesh key v1\n").update(from).digest("base64");
        expect(made.privateKey).toBe(`${hash}\n`);
        expect(wireguardPublicKey(hostKey)).toBe(publicOf(hash));
      }),
      { numRuns: 30 },
    );
  });

  it("comes from keys as ssh-keygen makes them, whatever their comment", () => {
    for (const comment of ["", "root@web", "x".repeat(200)]) {
      const hostKey = sshKeygen("-t", "ed25519", "-N", "", "-C", comment);
      const made = onHost(hostKey);
      if (!("privateKey" in made)) throw new Error(made.refused);
      expect(wireguardPublicKey(hostKey)).toBe(publicOf(made.privateKey));
    }
  });

  it.each([
    ["one with a passphrase", () => sshKeygen("-t", "ed25519", "-N", "a secret")],
    ["RSA", () => sshKeygen("-t", "rsa", "-b", "2048", "-N", "")],
    ["ECDSA", () => sshKeygen("-t", "ecdsa", "-N", "")],
    ["nothing", () => ""],
    ["no key", () => "hello\n"],
    ["one that ends early", () => armoured(sample.subarray(0, 224))],
    ["one that ends very early", () => armoured(sample.subarray(0, 70))],
    ["one with something behind it", () => armoured(Buffer.concat([sample, Buffer.from("more")]))],
    ["one without its last line", () => armoured(sample).replace(/-----END.*\n/, "")],
    ["one in another wrapping", () => armoured(sample).replaceAll("OPENSSH ", "")],
  ])("is refused to %s, on either side, without a word of the key", (_, hostKey) => {
    const text = hostKey();
    expect(() => wireguardPublicKey(text)).toThrow(/not an Ed25519 private key/);
    expect(onHost(text)).toEqual({
      refused: expect.stringContaining("no WireGuard key can be derived from"),
    });
  });

  it("is refused wherever a byte of the form is another one", { timeout: 120_000 }, () => {
    const form = Array.from({ length: 225 }, (_, index) => index).filter((at) => at < 161 || at >= 193);
    for (const at of form) {
      const wrong = Buffer.from(sample);
      wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
      expect(() => wireguardPublicKey(armoured(wrong)), `byte ${at}`).toThrow();
      // Of each field one: a shell takes its time.
      if ([0, 20, 61, 62, 97, 98, 102, 110, 125, 160, 193, 224].includes(at))
        expect(onHost(armoured(wrong)), `byte ${at}`).toHaveProperty("refused");
    }
  });
});
