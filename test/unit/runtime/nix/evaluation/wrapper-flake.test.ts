import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  readWrapperTemplate,
  removeOldWrappers,
  templateVersion,
  toplevelInstallable,
  type WrapperRequest,
  writeWrapper,
} from "../../../../../runtime/nix/evaluation/wrapper-flake.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wrapper-flake-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const template = { "flake.nix": "{ }", "fleet.nix": "{ }" };
const request: WrapperRequest = {
  source: "path:/nix/store/x-source",
  host: "web",
  attribute: "web",
  fixed: { project: "p", stack: "s", hosts: {}, networks: {}, customFacts: [] },
  known: { "hosts.b.ipv4": "1", deployKeys: ["k"] },
};

describe("a wrapper flake", () => {
  test("is named by its content: same request, same folder", async () => {
    const first = await writeWrapper(request, template, folder);
    const sameInOtherOrder = { ...request, known: { deployKeys: ["k"], "hosts.b.ipv4": "1" } };
    expect(await writeWrapper(sameInOtherOrder, template, folder)).toBe(first);
    const others = [
      await writeWrapper({ ...request, known: { deployKeys: ["k"] } }, template, folder),
      await writeWrapper({ ...request, host: "db" }, template, folder),
      await writeWrapper(request, { ...template, "flake.nix": "{ x = 1; }" }, folder),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });

  test("holds the template as it is and the request as data", async () => {
    const wrapper = await writeWrapper(request, template, folder);
    expect(readdirSync(wrapper).sort()).toEqual(["flake.nix", "fleet.nix", "request.json"]);
    expect(readFileSync(path.join(wrapper, "flake.nix"), "utf8")).toBe("{ }");
    expect(JSON.parse(readFileSync(path.join(wrapper, "request.json"), "utf8"))).toEqual({
      ...request,
      dynamicFactNames: ["ipv4", "ipv6", "hostKey", "ageRecipient", "wireguardKey"],
    });
  });

  test("is written by many at once without harm", async () => {
    const folders = await Promise.all(
      Array.from({ length: 12 }, () => writeWrapper(request, template, folder)),
    );
    expect(new Set(folders).size).toBe(1);
    expect(readdirSync(path.join(folder, "wrappers"))).toHaveLength(1);
  });

  test("goes when nobody used it for a month, leftovers of killed runs too", async () => {
    const used = await writeWrapper(request, template, folder);
    const unused = await writeWrapper({ ...request, host: "old" }, template, folder);
    writeFileSync(`${unused}.tmp`, "");
    const seconds = Date.now() / 1000 - 31 * 24 * 3600;
    for (const name of [used, unused, `${unused}.tmp`]) utimesSync(name, seconds, seconds);
    await writeWrapper(request, template, folder);
    await removeOldWrappers(folder);
    expect(readdirSync(path.join(folder, "wrappers"))).toEqual([path.basename(used)]);
  });

  test("can be named to Nix wherever it lies", () => {
    expect(toplevelInstallable("/a b/c", "web")).toBe(
      'path:/a%20b/c#nixosConfigurations."web".config.system.build.toplevel',
    );
  });
});

test("the template is the package's own Nix code and the module the hosts use", async () => {
  const found = await readWrapperTemplate();
  expect(Object.keys(found).sort()).toEqual([
    "configurations.nix",
    "describe.nix",
    "disk-keys.nix",
    "disk-layout.nix",
    "flake.nix",
    "fleet.nix",
    "modules.nix",
    "open-ports.nix",
    "traits.nix",
    "values.nix",
  ]);
  expect(found["fleet.nix"]).toBe(readFileSync("hosts/modules/fleet.nix", "utf8"));
  expect(templateVersion({ ...found, "fleet.nix": "{ }" })).not.toBe(templateVersion(found));
});
