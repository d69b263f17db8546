import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { plainSecrets, type Secrecy } from "../../../../../model/config/settings/secrets.ts";
import type { ConfigError } from "../../../../../model/errors/config-error.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { errorsIn } from "../errors-in.ts";

const encrypted: Secrecy = { isSecret: (key) => key === "fleet:secrets", plain: [] };

function parse(secrets: unknown, diskKeys: Record<string, string> = {}, secrecy = encrypted) {
  const raw = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify({ web: { diskKeys } }),
    "fleet:secrets": typeof secrets === "string" ? secrets : JSON.stringify(secrets),
  };
  return parseConfiguration(raw, {}, secrecy);
}

function errorsOf(...given: Parameters<typeof parse>): readonly ConfigError[] {
  return errorsIn(() => parse(...given));
}

describe("fleet:secrets", () => {
  it("leaves nothing but names in the configuration", () => {
    const configuration = parse(
      { "web-disk": "open sesame", other: "swordfish" },
      { "/tmp/disk.key": "web-disk" },
    );
    const inventory = buildInventory(configuration);
    expect(inventory.secrets).toEqual(["other", "web-disk"]);
    expect(inventory.hosts[0]?.diskKeys).toEqual({ "/tmp/disk.key": "web-disk" });
    expect(JSON.stringify([configuration, inventory])).not.toMatch(/sesame|swordfish/);
  });

  it("need not be there", () => {
    const configuration = parseConfiguration({ "hcloud:token": "t", "fleet:hosts": '{"web":{}}' });
    expect(configuration.secrets).toEqual([]);
  });

  it.each([
    [{ "web-disk": "short" }, "fleet:secrets.web-disk", "6 characters at least"],
    [{ "web-disk": 12345678 }, "fleet:secrets.web-disk", "must be a text"],
    [{ "-disk": "open sesame" }, "fleet:secrets.-disk", "as the name of a secret"],
    [{ "a.b": "open sesame" }, 'fleet:secrets["a.b"]', "as the name of a secret"],
    ["open sesame", "fleet:secrets", "must map names to secrets"],
  ])("refuses %j without repeating a value", (secrets, path, reason) => {
    const errors = errorsOf(secrets);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.reason).toContain(reason);
    expect(JSON.stringify(errors)).not.toMatch(/short"|12345678|sesame/);
  });

  it("offers the name that was meant, at the setting that names it", () => {
    expect(errorsOf({ "web-disk": "open sesame" }, { "/tmp/disk.key": "web-dsik" })).toEqual([
      {
        path: 'fleet:hosts.web.diskKeys["/tmp/disk.key"]',
        reason:
          'names the secret "web-dsik", which is not set; did you mean "web-disk"?; to set it: pulumi config set --secret --path fleet:secrets.web-dsik',
      },
    ]);
  });

  it("refuses plain text: the whole key, or one value that the stack's file shows", () => {
    const secrets = { "web-disk": "open sesame", other: "swordfish" };
    const plain = (secrecy: Secrecy) => errorsOf(secrets, {}, secrecy).map(({ path }) => path);
    expect(plain({ isSecret: () => false, plain: [] })).toEqual([
      "fleet:secrets.other",
      "fleet:secrets.web-disk",
    ]);
    expect(plain({ ...encrypted, plain: ["other", "gone"] })).toEqual(["fleet:secrets.other"]);
    expect(plain(encrypted)).toEqual([]);
    expect(errorsOf(secrets, {}, { ...encrypted, plain: ["other"] })[0]?.reason).toContain(
      "is plain text: take another value, and encrypt it by pulumi config set --secret --path fleet:secrets.other",
    );
  });
});

describe("plainSecrets", () => {
  it.each([
    [{ config: { "fleet:secrets": { a: { secure: "v1:x:y" }, b: "plain", c: { secure: 3 } } } }, ["b", "c"]],
    [{ config: { "fleet:secrets": { a: { secure: "v1:x:y", more: "plain" } } } }, ["a"]],
    [{ config: { "fleet:hosts": { a: "plain" } } }, []],
    [{ encryptionsalt: "v1" }, []],
    [undefined, []],
  ])("of %j are %j", (file, names) => {
    expect(plainSecrets(file)).toEqual(names);
  });
});

describe("diskKeys", () => {
  it.each([
    "tmp/disk.key",
    "/tmp/../etc/key",
    "/tmp/a b",
    "/mnt/key",
    "/nix/key",
    "/dev/key",
    "/tmp/",
    "/tmp/$(id)",
  ])("refuses the path %j", (file) => {
    const errors = errorsOf({ "web-disk": "open sesame" }, { [file]: "web-disk" });
    expect(errors.map(({ path }) => path)).toEqual([
      `fleet:hosts.web.diskKeys${/[/.]/.test(file) ? `[${JSON.stringify(file)}]` : `.${file}`}`,
    ]);
  });

  it("takes a path that only begins like one of those", () => {
    expect(
      errorsOf({ "web-disk": "open sesame" }, { "/mnt2/key": "web-disk", "/run/x/..key": "web-disk" }),
    ).toEqual([]);
  });
});
