import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { describe, expect, it } from "vitest";
import { ageRecipient } from "../../../../components/identity/age-recipient.ts";
import { fc } from "../../property.ts";

const header = Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 32]),
]);
const sshKey = (point: Uint8Array) => `ssh-ed25519 ${Buffer.concat([header, point]).toString("base64")}`;

describe("ageRecipient", () => {
  it.each(["ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC", "ssh-ed25519", "ssh-ed25519 AAAA", ""])(
    "refuses %j",
    (key) => {
      expect(() => ageRecipient(key)).toThrow(/ssh-ed25519/);
    },
  );

  it("ignores comment and surrounding space", () => {
    const key = sshKey(ed25519.getPublicKey(new Uint8Array(32).fill(9)));
    expect(ageRecipient(`  ${key} me@laptop\n`)).toBe(ageRecipient(key));
  });

  it("belongs to the X25519 key that the private host key itself turns into", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        // RFC 8032 section 5.1.5: the scalar of an ed25519 key is the lower half of SHA-512 of its seed.
        const viaPrivateKey = x25519.getPublicKey(sha512(seed).subarray(0, 32));
        const recipient = ageRecipient(sshKey(ed25519.getPublicKey(seed)));
        const { prefix, words } = bech32.decode(recipient as `age1${string}`, false);
        expect(prefix).toBe("age");
        expect(bech32.fromWords(words)).toEqual(viaPrivateKey);
      }),
      { numRuns: 25 },
    );
  });
});
