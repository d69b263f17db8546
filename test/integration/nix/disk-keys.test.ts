import path from "node:path";
import { expect, test } from "vitest";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { must } from "../../harness/machines/must.ts";

const program = path.resolve(import.meta.dirname, "../../../runtime/nix/evaluation/wrapper/disk-keys.nix");

async function keysOf(devices: object): Promise<unknown> {
  const expression = `import ${program} (builtins.fromJSON (builtins.getEnv "DEVICES"))`;
  const env = { ...nixEnvironment(), DEVICES: JSON.stringify(devices) };
  return JSON.parse(
    await must("nix", nixArguments("eval", "--impure", "--json", "--expr", expression), { env }),
  );
}

const luks = (name: string, options: object = {}) => ({ type: "luks", name, ...options });
const gpt = (...contents: object[]) => ({
  type: "gpt",
  partitions: Object.fromEntries(contents.map((content, index) => [`p${index}`, { content }])),
});
const disk = (content: object) => ({ disk: { main: { device: "/dev/sda", content } } });
const filesystem = { type: "filesystem", format: "ext4" };

test.each([
  ["nothing", {}, [], []],
  ["a plain disk", disk(gpt(filesystem)), [], []],
  ["a password", disk(gpt(luks("root", { passwordFile: "/tmp/disk.key" }))), ["/tmp/disk.key"], []],
  ["no password", disk(gpt(luks("root"))), [], ["root"]],
  ["disko's own default", disk(gpt(luks("root", { askPassword: true, passwordFile: null }))), [], ["root"]],
  ["the deprecated option", disk(gpt(luks("root", { keyFile: "/tmp/old.key" }))), ["/tmp/old.key"], []],
  [
    "a key file, which wins over a password",
    disk(gpt(luks("root", { settings: { keyFile: "/tmp/raw.key" }, passwordFile: "/tmp/disk.key" }))),
    ["/tmp/raw.key"],
    [],
  ],
  [
    "further keys",
    disk(gpt(luks("root", { passwordFile: "/tmp/b.key", additionalKeyFiles: ["/tmp/c.key", "/tmp/a.key"] }))),
    ["/tmp/a.key", "/tmp/b.key", "/tmp/c.key"],
    [],
  ],
  [
    "encryption below encryption, on a whole disk",
    disk(luks("outer", { passwordFile: "/tmp/a.key", content: gpt(luks("inner")) })),
    ["/tmp/a.key"],
    ["inner"],
  ],
  [
    "the old table",
    disk({ type: "table", partitions: [{ content: luks("root", { passwordFile: "/tmp/a.key" }) }] }),
    ["/tmp/a.key"],
    [],
  ],
  [
    "an array and a volume",
    {
      mdadm: { raid: { content: luks("raid", { passwordFile: "/tmp/a.key" }) } },
      lvm_vg: { pool: { lvs: { home: { content: luks("home", { passwordFile: "/tmp/a.key" }) } } } },
    },
    ["/tmp/a.key"],
    [],
  ],
  [
    "ZFS",
    {
      zpool: {
        tank: {
          rootFsOptions: { encryption: "on", keylocation: "file:///tmp/zfs.key" },
          datasets: {
            inherited: { options: {} },
            asked: { options: { encryption: "aes-256-gcm", keylocation: "prompt" } },
            off: { options: { encryption: "off", keylocation: "file:///tmp/other.key" } },
            web: { options: { encryption: "on", keylocation: "https://example.org/key" } },
          },
        },
      },
    },
    ["/tmp/zfs.key"],
    ["tank/asked"],
  ],
  [
    "bcachefs",
    { bcachefs_filesystems: { plain: {}, closed: { passwordFile: "/tmp/bcachefs.key" } } },
    ["/tmp/bcachefs.key"],
    [],
  ],
])("%s", async (_, devices, files, prompts) => {
  expect(await keysOf(devices)).toEqual({ files, prompts });
});
