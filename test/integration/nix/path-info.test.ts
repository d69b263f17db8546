import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { localSystems } from "../../../runtime/preview/closure-source.ts";
import { compareSystems } from "../../../runtime/preview/compare-systems.ts";
import { buildToplevel, evaluateSystem } from "../deploy/systems.ts";

const local = localSystems({ timeoutSeconds: 120 });

/** Two systems that differ in one page and one package, as the real Nix lists them. */
describe("a system in the store here", () => {
  let before: HostSystem;
  let after: HostSystem;

  beforeAll(async () => {
    const etc = (version: string) => ({
      environment: { etc: { [`tool-${version}`]: { text: `a tool, version ${version}` } } },
    });
    before = await evaluateSystem("path-info before", etc("1.9"));
    after = await evaluateSystem("path-info after", etc("1.10"));
    await buildToplevel(before);
  });

  it("lists its closure with sizes, and the derivation it is made from", async () => {
    const closure = await local.closure(before.toplevel);
    expect(closure?.get(before.toplevel)).toBeGreaterThan(0);
    expect(closure?.size).toBeGreaterThan(5);
    expect(await local.deriver(before.toplevel)).toBe(before.toplevelDerivation);
  });

  it("is not listed when it is not there", async () => {
    expect(existsSync(after.toplevel)).toBe(false);
    expect(await local.closure(after.toplevel)).toBeUndefined();
    expect(await local.description(after.toplevel, false)).toBeUndefined();
    expect(await local.deriver(after.toplevel)).toBeUndefined();
  });

  it("tells its units", async () => {
    const description = await local.description(before.toplevel, false);
    expect([...(description?.units.keys() ?? [])]).toContain("httpd.service");
    expect([...(description?.boot.keys() ?? [])].sort()).toEqual(["initrd", "kernel", "kernel-params"]);
  });

  const compare = async (preview: "eval" | "full") => {
    const running = {
      path: before.toplevel,
      closure: await local.closure(before.toplevel),
      description: await local.description(before.toplevel, false),
    };
    return compareSystems({
      host: "web",
      running,
      wanted: after,
      preview,
      plan: { on: "local" },
      buildSeconds: 300,
    });
  };

  it("is compared by evaluation without a build, and exactly after one", async () => {
    const evaluated = await compare("eval");
    expect(evaluated).toMatchObject({ before: before.toplevel, after: after.toplevel, built: null });
    expect(existsSync(after.toplevel)).toBe(false);
    const built = await compare("full");
    expect(built?.built?.size?.after).toBeGreaterThan(0);
    expect(existsSync(after.toplevel)).toBe(true);
    // What is built anyway costs nothing to look at.
    expect((await compare("eval"))?.built).toEqual(built?.built);
    expect(built?.packages).toEqual(evaluated?.packages);
  });
});
