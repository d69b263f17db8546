import { execFileSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { buildSystem } from "../../../runtime/nix/store/build-local.ts";
import { hostSystemFromClosure } from "../../../runtime/nix/store/realise-closure.ts";
import { createWorkspace, evaluateKnown, type Workspace } from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ git: true });
});
afterEach(() => {
  workspace.remove();
});

const options = { host: "web", timeoutSeconds: 120 };

async function systemOf(attribute: string): Promise<HostSystem> {
  workspace.edit("hosts/web/default.nix", "version 1", `of ${workspace.root}`);
  return (await evaluateKnown(workspace, { attribute })).system;
}

const deleteFromStore = (derivation: string | null) =>
  execFileSync("nix-store", ["--delete", derivation ?? ""], { stdio: "ignore" });

describe("building a system", () => {
  test("makes exactly the evaluated paths", async () => {
    const system = await systemOf("web");
    expect(existsSync(system.toplevel)).toBe(false);
    expect(await buildSystem(system, ["toplevel", "disko"], options)).toEqual([
      system.toplevel,
      system.disko,
    ]);
    expect(existsSync(path.join(system.toplevel, "bin/switch-to-configuration"))).toBe(true);
    expect(await buildSystem(system, ["toplevel"], options)).toEqual([system.toplevel]);
  });

  test("works after the derivation was collected", async () => {
    const system = await systemOf("web");
    deleteFromStore(system.toplevelDerivation);
    const collected = { ...system, diskoDerivation: `${system.diskoDerivation}-collected` };
    expect(await buildSystem(collected, ["toplevel", "disko"], options)).toEqual([
      system.toplevel,
      system.disko,
    ]);
  });

  test("says what to do when the sources are gone as well", async () => {
    const system = await systemOf("web");
    deleteFromStore(system.toplevelDerivation);
    rmSync(path.join(workspace.root, ".fleet/cache"), { recursive: true });
    await expect(buildSystem(system, ["toplevel"], options)).rejects.toThrow(
      /^web: build failed: .*\n +next: .*pulumi up/s,
    );
  });

  test("names the derivation that failed and shows its log", async () => {
    const system = await systemOf("badbuild");
    await expect(buildSystem(system, ["toplevel"], options)).rejects.toThrow(
      /^web: build failed: broken: builder failed with exit code 1\n {4}faults\.inject: this system does not build\n {2}next: The whole log: nix log \/nix\/store\/.*-broken\.drv$/,
    );
  });

  test("refuses another result than the one evaluated", async () => {
    const system = await systemOf("web");
    const other = await evaluateKnown(workspace, { host: "db" });
    const swapped = { ...system, toplevelDerivation: other.system.toplevelDerivation };
    await expect(buildSystem(swapped, ["toplevel"], options)).rejects.toThrow(
      new RegExp(`expected ${system.toplevel}, got ${other.system.toplevel}`),
    );
  });

  test("without a disk layout says what is missing", async () => {
    const system = { ...(await systemOf("web")), disko: null, diskoDerivation: null };
    await expect(buildSystem(system, ["disko"], options)).rejects.toThrow(
      /no config\.system\.build\.diskoScript/,
    );
  });
});

describe("a ready-made closure", () => {
  test("needs no flake, and may be given as a link", async () => {
    const system = await systemOf("web");
    await buildSystem(system, ["toplevel"], options);
    const link = path.join(workspace.root, "result");
    symlinkSync(system.toplevel, link);
    const expected = {
      toplevel: system.toplevel,
      toplevelDerivation: null,
      disko: null,
      platform: "x86_64-linux",
    };
    expect(await hostSystemFromClosure(system.toplevel, options)).toMatchObject(expected);
    const linked = await hostSystemFromClosure(link, options);
    expect(linked).toMatchObject(expected);
    expect(await buildSystem(linked, ["toplevel"], options)).toEqual([system.toplevel]);
  });

  test("must be a NixOS system that can be had", async () => {
    const { disko } = await systemOf("web");
    const missing = "/nix/store/00000000000000000000000000000000-nixos-system-web";
    await expect(hostSystemFromClosure("./web", options)).rejects.toThrow(/\.\/web is not a store path/);
    await expect(hostSystemFromClosure(`${missing}/bin`, options)).rejects.toThrow(/is not a store path/);
    await expect(hostSystemFromClosure(missing, options)).rejects.toThrow(
      /web: fetching the system closure failed/,
    );
    const built = execFileSync(
      "nix",
      ["build", "--no-link", "--print-out-paths", "--expr", 'builtins.toFile "x" ""', "--impure"],
      {
        encoding: "utf8",
      },
    ).trim();
    await expect(hostSystemFromClosure(built, options)).rejects.toThrow(/holds no file named "system"/);
    expect(disko).not.toBeNull();
  });
});
