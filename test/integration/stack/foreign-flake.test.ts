import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";

/** Somebody's own configuration: another folder, another layout, other names, and not a word about us in it. */
describe("an existing flake elsewhere on disk", () => {
  let fixture: StackFixture;
  let theirs: string;

  beforeAll(async () => {
    fixture = await createStack();
    theirs = mkdtempSync(path.join(tmpdir(), "their-config-"));
    const miniature = path.join(packageRoot(), "test", "harness", "miniflake");
    mkdirSync(path.join(theirs, "nix", "machines"), { recursive: true });
    cpSync(miniature, path.join(theirs, "nix", "library"), { recursive: true });
    const host = readFileSync(path.join(miniature, "web", "default.nix"), "utf8");
    writeFileSync(
      path.join(theirs, "nix", "machines", "frontend.nix"),
      host.replace("./disko.nix", "../library/web/disko.nix").replace("version 1", "their own words"),
    );
    writeFileSync(
      path.join(theirs, "nix", "flake.nix"),
      [
        "{",
        "  outputs = { self }: {",
        "    nixosConfigurations.frontend-01 =",
        "      import ./library/lib/system.nix { modules = [ ./machines/frontend.nix ]; };",
        "  };",
        "}",
        "",
      ].join("\n"),
    );
    execFileSync("git", ["init", "--quiet"], { cwd: theirs });
    execFileSync("git", ["add", "--all"], { cwd: theirs });
  });
  afterAll(async () => {
    await fixture.close();
    rmSync(theirs, { recursive: true, force: true });
  });

  it("is installed and deployed as it is", async () => {
    fixture.configure({ shop: { flake: `${theirs}/nix#frontend-01` } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect((await lifeOf(fixture, "shop")).system).toBe((await fixture.host("shop")).system);
    expect(await pageOf((await fixture.host("shop")).address)).toBe("Hello from web, their own words");
  });

  it("is left exactly as it was: no file of ours, no lock, no change", () => {
    const status = execFileSync("git", ["status", "--porcelain", "--ignored"], {
      cwd: theirs,
      encoding: "utf8",
    });
    expect(status.split("\n").filter((line) => line !== "" && !line.startsWith("A  "))).toEqual([]);
  });

  it("deploys what is edited in it", async () => {
    const file = path.join(theirs, "nix", "machines", "frontend.nix");
    writeFileSync(file, readFileSync(file, "utf8").replace("their own words", "edited"));
    const run = await fixture.up();
    expect(run.changes).toEqual({ "shop-deployment-run": "replace" });
    expect(await pageOf((await fixture.host("shop")).address)).toBe("Hello from web, edited");
  });
});
