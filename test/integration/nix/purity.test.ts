import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWorkspace, evaluateAnew, evaluateKnown, type Workspace } from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  workspace.remove();
});

const forget = () => rmSync(path.join(workspace.root, ".fleet/cache"), { recursive: true });
const page = '"Hello from web, version 1"';

describe("two operators agree", () => {
  test("the environment does not reach a configuration, even if the user's Nix allows it", async () => {
    vi.stubEnv("NIX_CONFIG", `${process.env["NIX_CONFIG"] ?? ""}\npure-eval = false`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of Nix
    workspace.edit("hosts/web/default.nix", page, '"home: ${builtins.getEnv "OPERATOR"}"');
    const systems = [];
    for (const operator of ["first", "second"]) {
      vi.stubEnv("OPERATOR", operator);
      systems.push((await evaluateKnown(workspace, {})).system);
      forget();
    }
    expect(systems[1]).toEqual(systems[0]);
  });

  test("files beside the flake's tree do not either", async () => {
    workspace.edit("hosts/web/default.nix", page, "builtins.readFile /etc/hostname");
    await expect(evaluateAnew(workspace, {})).rejects.toThrow(
      /access to absolute path '\/etc.*' is forbidden in pure evaluation/,
    );
  });

  test("the folder of the project does not matter", async () => {
    const other = createWorkspace({ git: true });
    try {
      const here = await evaluateKnown(workspace, {});
      const there = await evaluateKnown(other, {});
      expect(there.system.toplevel).toBe(here.system.toplevel);
      expect(there.system.toplevelDerivation).toBe(here.system.toplevelDerivation);
    } finally {
      other.remove();
    }
  });
});

test("an archive behind an address is looked at anew in each run", async () => {
  const archive = () => execFileSync("tar", ["-C", workspace.root, "-cz", "hosts"]);
  const server = createServer((_, response) => response.end(archive()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const flake = { flake: `http://127.0.0.1:${port}/fleet.tar.gz` };
    const first = await evaluateKnown(workspace, flake);
    expect((await evaluateKnown(workspace, flake)).cached).toBe(true);
    workspace.edit("hosts/web/default.nix", page, '"moved on"');
    const second = await evaluateKnown(workspace, flake);
    expect(second.system.toplevel).not.toBe(first.system.toplevel);
  } finally {
    server.close();
  }
});

test("no fact and no path of ours gets into a system that does not ask for it", async () => {
  const { system } = await evaluateKnown(workspace, {});
  const derivation = readFileSync(system.toplevelDerivation ?? "", "utf8");
  expect(derivation).toContain("nixos-system-web");
  expect(derivation).not.toContain(workspace.root);
  expect(derivation).not.toContain("fleet-fact");
});
