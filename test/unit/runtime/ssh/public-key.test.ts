import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publicKeyOf } from "../../../../runtime/ssh/public-key.ts";
import { fc } from "../../property.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "public-key-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["ed25519", ""],
  ["ecdsa", ""],
  ["rsa", ""],
  ["ed25519", "a passphrase"],
])("the public half of an %s key with passphrase %j is the one ssh-keygen wrote", (type, passphrase) => {
  const file = path.join(folder, `${type}-${passphrase.length}`);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", file]);
  expect(publicKeyOf(readFileSync(file, "utf8"))).toBe(readFileSync(`${file}.pub`, "utf8").trim());
});

test("any other text has none, and no text makes it fail", () => {
  expect(publicKeyOf("")).toBeUndefined();
  expect(publicKeyOf("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")).toBeUndefined();
  const bodies = fc.uint8Array({ maxLength: 80 }).map((bytes) => {
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), bytes]).toString("base64");
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
  });
  fc.assert(fc.property(bodies, (text) => ["undefined", "string"].includes(typeof publicKeyOf(text))));
});
