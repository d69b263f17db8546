import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseUserData } from "../../../harness/machines/cloud-config.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDf8 someone";
const cloudConfig = (document: unknown) => parseUserData(`#cloud-config\n${stringify(document)}`);

/** What is wrong with user data; fails when nothing is. */
function errorOf(parsed: ReturnType<typeof parseUserData>): string {
  if (parsed.ok) throw new Error(`accepted: ${JSON.stringify(parsed.config)}`);
  return parsed.error;
}

describe("user data", () => {
  test("none, or a header alone, asks for nothing", () => {
    expect(parseUserData(null)).toEqual({ ok: true, config: {} });
    expect(parseUserData("#cloud-config\n")).toEqual({ ok: true, config: {} });
  });

  test("gives what it says", () => {
    const config = {
      hostname: "web",
      ssh_deletekeys: false,
      ssh_keys: { ed25519_private: "PRIVATE\nKEY\n", ed25519_public: key },
      ssh_authorized_keys: [key],
      users: ["default", { name: "deploy", sudo: ["ALL=(ALL) ALL"], shell: "/bin/sh", lock_passwd: true }],
    };
    expect(cloudConfig(config)).toEqual({ ok: true, config });
  });

  test("without the header on its first line is not cloud-config", () => {
    for (const text of ["hostname: web\n", "\n#cloud-config\n", "#cloud-configuration\n", "#!/bin/sh\n"])
      expect(errorOf(parseUserData(text))).toContain("#cloud-config");
  });

  test("with a key that is not carried out is an error that names it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3,12}_x$/), fc.jsonValue(), (name, value) => {
        expect(errorOf(cloudConfig({ hostname: "web", [name]: value }))).toContain(name);
      }),
    );
    expect(errorOf(cloudConfig({ ssh_keys: { dsa_private: "x" } }))).toContain("dsa_private");
    expect(errorOf(cloudConfig({ users: [{ name: "deploy", passwd: "x" }] }))).toContain("users[0]");
  });

  test("that would open a way in by password is an error", () => {
    expect(errorOf(cloudConfig({ ssh_pwauth: true }))).toContain("ssh_pwauth");
    expect(errorOf(cloudConfig({ disable_root: true }))).toContain("disable_root");
    expect(errorOf(cloudConfig({ users: [{ name: "deploy", lock_passwd: false }] }))).toContain("users[0]");
  });

  test("with something else for a key or a name is an error", () => {
    expect(errorOf(cloudConfig({ ssh_authorized_keys: ["no key"] }))).toContain("not an SSH public key");
    expect(errorOf(cloudConfig({ users: [{ name: "../etc" }] }))).toContain("users[0]");
    expect(errorOf(cloudConfig(["hostname"]))).toContain("expected object");
  });

  test("that is not valid YAML is an error, never an exception", () => {
    for (const text of ["\ta: [", "*unknown", "%directive", "a: 1\na: 2"])
      expect(errorOf(parseUserData(`#cloud-config\n${text}\n`))).toContain("user data: ");
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseUserData(`#cloud-config\n${text}`).ok).toBe("boolean");
      }),
      { numRuns: 2000 },
    );
  });
});
