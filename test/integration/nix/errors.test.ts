import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFacts, createWorkspace, evaluateAnew, shadowNix, type Workspace } from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  workspace.remove();
});

/** The whole message, as the user reads it. */
async function message(request: Parameters<typeof evaluateAnew>[1]): Promise<string> {
  return evaluateAnew(workspace, request).then(
    (evaluation) => `evaluated: ${evaluation.kind}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("the error of a host", () => {
  test("is Nix's own message, once, with the host's name and the way to the whole trail", async () => {
    const text = await message({ attribute: "badeval" });
    const [seen, next, ...rest] = text.split("\n");
    expect(seen).toBe("web: evaluation failed: faults.inject: this host does not evaluate");
    expect(next).toMatch(
      /^ {2}next: .*nix eval --show-trace 'path:\/.*#nixosConfigurations\."web"\.config\.system\.build\.toplevel'$/,
    );
    expect(rest).toEqual([]);
  });

  test("names the user's file and line, not a path in the store", async () => {
    workspace.edit("hosts/web/default.nix", "services.httpd = {", "services.httpd = { extra = ;");
    const text = await message({});
    expect(text).toContain(`at ${workspace.root}/hosts/web/default.nix:`);
    expect(text).toContain("services.httpd = { extra = ;");
    expect(text).not.toContain("/nix/store/");
  });

  test("tells an unknown option", async () => {
    workspace.edit("hosts/web/default.nix", "page = ", "pagee = ");
    expect(await message({})).toMatch(
      /^web: evaluation failed: The option `services\.httpd\.pagee' does not exist/,
    );
  });

  test("tells a failed assertion", async () => {
    const facts = createFacts({ deployKeys: [] });
    expect(await message({ attribute: "nokeys", facts })).toMatch(
      /^web: evaluation failed: .*no user can log in/s,
    );
  });

  test("of a missing configuration lists those there are, and the nearest", async () => {
    const text = await message({ attribute: "wev" });
    expect(text).toContain("./hosts has no nixosConfigurations.wev; it has: badactivate, badbuild,");
    expect(text).toContain("next: Did you mean `flake: ./hosts#web`?");
    expect(await message({ attribute: "something-else" })).toContain(
      "next: Add nixosConfigurations.something-else",
    );
  });

  test.each([
    ["config.fleet.hosts.bd.ipv4", 'there is no host "bd" in this fleet; did you mean "db"?'],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Nix.
      '(let h = "mail"; in config.fleet.hosts.${h}.ipv4)',
      'no host "mail" in this fleet; valid values: db, web',
    ],
    ["toString config.fleet.byTag.cannary", 'has the tag "cannary"; did you mean "canary"?'],
    ["config.fleet.facts.apiUrl", 'there is no fact "apiUrl" in fleet:facts'],
  ])("of a fact that refers to nothing names the nearest: %s", async (expression, told) => {
    workspace.edit("hosts/webfacts/default.nix", "config.fleet.hosts.db.ipv4", expression);
    const text = await message({ attribute: "webfacts" });
    expect(text).toMatch(/^web: evaluation failed: (there is no|no host)/);
    expect(text).toContain(told);
    expect(text).toMatch(/attribute '\w+' missing/);
    expect(text).toContain(`at ${workspace.root}/hosts/webfacts/default.nix:`);
  });

  test("of an attribute of something else stays as Nix says it", async () => {
    workspace.edit("hosts/webfacts/default.nix", "config.fleet.hosts.db.ipv4", "config.fleet.hosts.db.ipv5");
    const text = await message({ attribute: "webfacts" });
    expect(text).toMatch(/^web: evaluation failed: attribute 'ipv5' missing/);
  });

  test("of a configuration nothing can be added to says so", async () => {
    workspace.write("hosts/flake.nix", "{ outputs = _: { nixosConfigurations.web = { config = { }; }; }; }");
    expect(await message({})).toMatch(/nixosConfigurations\.web has no `extendModules`/);
  });

  test("of a build the evaluation needs is that build's", async () => {
    const derivation = `derivation { name = "needed"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo no such luck; exit 7" ]; }`;
    workspace.edit("hosts/web/default.nix", "page = ", `page = builtins.readFile (${derivation}) + `);
    expect(await message({})).toMatch(
      /^web: evaluation failed: needed: builder failed with exit code 7\n {4}no such luck\n {2}next: The whole log: nix log \/nix/,
    );
  });

  test("of a flake that does not parse names the place", async () => {
    workspace.edit("hosts/flake.nix", "outputs =", "outputs");
    expect(await message({})).toMatch(/^web: evaluation failed: syntax error.*hosts\/flake\.nix:/s);
  });
});

describe("a machine without Nix, or without memory", () => {
  test("says what to install", async () => {
    vi.stubEnv("PATH", "/usr/bin:/bin");
    expect(await message({})).toMatch(/fetching the flake .* next: Install Nix >= 2\.24/s);
  });

  test("tells that Nix was ended from outside", async () => {
    const shadow = shadowNix(workspace, 'case "$*" in *prefetch*) exec "$real_nix" "$@";; esac; kill -9 $$');
    vi.stubEnv("PATH", shadow.path);
    expect(await message({})).toMatch(/Nix was ended by SIGKILL\n +next: .*fewer hosts at once/);
  });
});

test("a host without a disk layout of disko's has none", async () => {
  workspace.edit(
    "hosts/flake.nix",
    "web = host ./web;",
    'web = let h = host ./web; strip = c: c // { config = c.config // { system = c.config.system // { build = removeAttrs c.config.system.build [ "diskoScript" ]; }; }; extendModules = m: strip (c.extendModules m); }; in strip h;',
  );
  expect(await evaluateAnew(workspace, {})).toMatchObject({
    kind: "known",
    system: { disko: null, diskoDerivation: null },
  });
});

test("warnings of the configuration reach the user, from the cache too", async () => {
  workspace.edit(
    "hosts/web/default.nix",
    "page = ",
    'page = builtins.trace "evaluation warning: old option" ',
  );
  for (const cached of [false, true])
    expect(await evaluateAnew(workspace, {})).toMatchObject({ cached, warnings: ["old option"] });
});
