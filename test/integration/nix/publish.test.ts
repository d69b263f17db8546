import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { buildSystem } from "../../../runtime/nix/store/build-local.ts";
import { publish } from "../../../runtime/nix/store/push-to-cache.ts";
import { createRedactor } from "../../../runtime/platform/redactor.ts";
import { createReporter } from "../../../runtime/platform/reporter.ts";
import { createWorkspace, evaluateKnown, type Workspace } from "./workspace.ts";

let workspace: Workspace;
let toplevel: string;
beforeAll(async () => {
  workspace = createWorkspace({ git: true });
  workspace.edit("hosts/web/default.nix", "version 1", `of ${workspace.root}`);
  const { system } = await evaluateKnown(workspace, {});
  await buildSystem(system, ["toplevel"], { host: "web", timeoutSeconds: 120 });
  toplevel = system.toplevel;
});
afterAll(() => workspace?.remove());

const nix = (args: readonly string[], input = "") =>
  execFileSync("nix", nixArguments(...args), {
    env: { ...nixEnvironment() },
    encoding: "utf8",
    input,
    stdio: ["pipe", "pipe", "pipe"],
  }).trim();

function keyPair(name: string): { secret: string; publicKey: string } {
  const secret = nix(["key", "generate-secret", "--key-name", name]);
  return { secret, publicKey: nix(["key", "convert-secret-to-public"], secret) };
}

const said: string[] = [];
const options = () => ({
  host: "web",
  timeoutSeconds: 120,
  reporter: createReporter({
    ...{ host: "web", what: "publish", logDirectory: workspace.root, redact: createRedactor([]) },
    write: (line) => said.push(line),
  }),
});
/** Folder names hold blanks, which a URL does not. */
const cache = (name: string) => `file://${path.join(workspace.root, name).replaceAll(" ", "%20")}`;

function isSigned(url: string, publicKey: string): boolean {
  try {
    const trust = ["--option", "trusted-public-keys", publicKey, "--sigs-needed", "1"];
    nix(["store", "verify", "--store", url, "--recursive", "--no-contents", ...trust, toplevel]);
    return true;
  } catch {
    return false;
  }
}

describe("publishing a system", () => {
  test("puts it into the cache with all it refers to, each path signed", async () => {
    const { secret, publicKey } = keyPair("cache-1");
    await publish(toplevel, { push: cache("signed"), signingKey: `${secret}\n` }, options());
    expect(isSigned(cache("signed"), publicKey)).toBe(true);
    expect(isSigned(cache("signed"), keyPair("cache-1").publicKey)).toBe(false);
    expect(said.join("\n")).toContain("web: signing");
  });

  test("is not undone by a second time", async () => {
    const before = readdirSync(path.join(workspace.root, "signed")).sort();
    await publish(toplevel, { push: cache("signed"), signingKey: null }, options());
    expect(readdirSync(path.join(workspace.root, "signed")).sort()).toEqual(before);
  });

  test("says which cache cannot be written to", async () => {
    await expect(
      publish(toplevel, { push: "file:///proc/no-cache", signingKey: null }, options()),
    ).rejects.toThrow(/^web: binary cache failed: [\s\S]*proc\/no-cache[\s\S]*next: /);
  });

  test("refuses what is not a key, without showing it", async () => {
    const failing = publish(toplevel, { push: cache("none"), signingKey: "not-a-signing-key" }, options());
    await expect(failing).rejects.toThrow(/^web: signing failed: (?![\s\S]*not-a-signing-key)/);
    expect(readdirSync(workspace.root)).not.toContain("none");
  });
});
