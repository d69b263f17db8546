import { expect, test } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

const raw = (host: object) => ({
  "hcloud:token": "t",
  "fleet:hosts": JSON.stringify({ web: host }),
  "fleet:secrets": '{"web-disk":"open sesame"}',
});
const parse = (host: object) => parseConfiguration(raw(host), {}, { isSecret: () => true, plain: [] });

test("is a way to bootstrap, at any provider", () => {
  for (const provider of [
    { provider: "hetzner" },
    { provider: "existing", address: "203.0.113.5", trustOnFirstUse: true, wipe: "web" },
  ])
    expect(buildInventory(parse({ ...provider, bootstrap: "infect" })).hosts[0]?.bootstrap).toBe("infect");
});

test("is refused beside what formats disks or needs an evaluation, all at once", () => {
  const settings = {
    diskKeys: { "/tmp/disk.key": "web-disk" },
    reinstall: "2",
    system: `/nix/store/${"a".repeat(32)}-x`,
  };
  const errors = (bootstrap: string) => toldIn(() => parse({ ...settings, bootstrap }));
  expect(errors("infect")).toEqual([
    'fleet:hosts.web.diskKeys: cannot be combined with `bootstrap: "infect"`, which formats no disks',
    expect.stringContaining("fleet:hosts.web.reinstall: cannot be combined with"),
    expect.stringContaining("fleet:hosts.web.system: cannot be combined with"),
  ]);
  expect(errors("kexec")).toEqual([]);
});
