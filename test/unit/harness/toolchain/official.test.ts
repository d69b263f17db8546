import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { officialPlugin } from "../../../harness/toolchain/official.ts";
import { provide } from "../../../harness/toolchain/resolve.ts";
import { contextIn, temporaryFolder, writeProgram } from "./temporary.ts";

const pin = { name: "scaleway", version: "1.54.0", server: "github://api.github.com/pulumiverse" };
const component = {
  name: "plugin-scaleway",
  title: "scaleway plugin",
  find: async () => ({ because: "not there" }),
  ways: [officialPlugin(pin)],
  remedy: "install it by hand",
};

/** A CLI that does with a plugin what `pulumi plugin install` does, and notes how it was called. */
const cli = [
  'echo "$PULUMI_HOME" "$HOME" "$@" > "$PULUMI_HOME/called"',
  'env > "$PULUMI_HOME/environment"',
  'folder="$PULUMI_HOME/plugins/resource-$4-v$5"',
  'mkdir -p "$folder" && echo : > "$folder/pulumi-resource-$4"',
].join("\n");

describe("officialPlugin", () => {
  const machine = (body: string) => {
    const root = temporaryFolder();
    const file = writeProgram(path.join(root, "bin", "pulumi"), body);
    const context = contextIn(path.join(root, "ours"), { path: [path.dirname(file), "/usr/bin", "/bin"] });
    context.ready.set("pulumi", { name: "pulumi", version: "3.232.0", origin: "found", path: file });
    return { ...context, vendorReachable: async () => true };
  };

  it("has the CLI install it into a home of ours, without a login or secrets", async () => {
    const context = machine(cli);
    const environment = { ...context.environment, PULUMI_ACCESS_TOKEN: "pul-0123456789" };
    const fact = await provide(component, { ...context, environment }, () => undefined);
    const home = path.join(context.folder, "plugin-scaleway-1.54.0-official");
    expect(fact).toEqual({
      name: "plugin-scaleway",
      version: "1.54.0",
      origin: "official",
      path: path.join(home, "plugins", "resource-scaleway-v1.54.0", "pulumi-resource-scaleway"),
    });
    const called = `${home} ${home} plugin install resource scaleway 1.54.0 --server ${pin.server} --non-interactive\n`;
    expect(readFileSync(path.join(home, "called"), "utf8")).toBe(called);
    expect(readFileSync(path.join(home, "environment"), "utf8")).not.toContain("pul-0123456789");
  });

  it("passes on why the CLI could not, and counts nothing as done", async () => {
    const context = machine("echo 'error: 403 rate limited' >&2; exit 255");
    await expect(provide(component, context, () => undefined)).rejects.toThrow("403 rate limited");
    expect(existsSync(path.join(context.folder, "plugin-scaleway-1.54.0-official", ".complete.json"))).toBe(
      false,
    );
  });

  it("is not tried when the vendor cannot be reached", async () => {
    const context = { ...machine("exit 99"), vendorReachable: async () => false };
    await expect(provide(component, context, () => undefined)).rejects.toThrow("cannot be reached");
    expect(existsSync(context.folder)).toBe(false);
  });
});
