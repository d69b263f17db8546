import { execFileSync } from "node:child_process";
import { renameSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openFlakeSource } from "../../../runtime/nix/sources/flake-source.ts";
import {
  createFacts,
  createWorkspace,
  evaluateAnew,
  evaluateKnown,
  shadowNix,
  type Workspace,
} from "./workspace.ts";

let project: Workspace;
let elsewhere: Workspace;
beforeEach(() => {
  project = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const workspace of [project, elsewhere]) workspace?.remove();
});

const sourceOptions = () => ({ ...project.options, timeoutSeconds: 60 });
const commands = (calls: readonly string[]) => calls.map((call) => /(flake prefetch|eval)/.exec(call)?.[1]);

/** Somebody's own flake: other folders, other names, no fleet module, a version that names its revision. */
const ownFlake = `{
  outputs = { self }:
    let mini = import ./vendor/lib/system.nix; in {
      nixosConfigurations."www.example.org" = mini {
        modules = [ ./machines/www.nix { services.httpd.page = "built from \${self.rev or "a dirty tree"} at \${toString self.lastModified}"; } ];
      };
    };
}
`;

function makeOwnFlake(options: { git: boolean }): void {
  elsewhere = createWorkspace({ git: false });
  renameSync(path.join(elsewhere.root, "hosts"), path.join(elsewhere.root, "vendor"));
  elsewhere.write("flake.nix", ownFlake);
  elsewhere.write("machines/www.nix", "{ imports = [ ../vendor/web ]; }\n");
  elsewhere.edit("vendor/web/default.nix", "page = ", "# page = ");
  if (!options.git) return;
  elsewhere.git("init", "-q");
  elsewhere.commit();
}

describe("an existing flake elsewhere on disk", () => {
  const own = () => ({ flake: path.relative(project.root, elsewhere.root), attribute: "www.example.org" });
  const served = (toplevel: string) =>
    execFileSync(
      "sh",
      ["-c", 'nix derivation show -r "$1"^out | grep -o "built from[^\\"]*" | sort -u', "sh", toplevel],
      {
        encoding: "utf8",
      },
    );

  test("in Git: clean and dirty trees differ as the flake itself says", async () => {
    makeOwnFlake({ git: true });
    const revision = elsewhere.git("rev-parse", "HEAD").trim();
    const clean = await evaluateKnown(project, own());
    expect(clean.system).toMatchObject({ revision, dirty: false });
    expect(served(clean.system.toplevelDerivation ?? "")).toContain(revision);
    elsewhere.write("machines/www.nix", "{ imports = [ ../vendor/web ]; } # edited\n");
    const dirty = await evaluateKnown(project, own());
    expect(dirty.system).toMatchObject({ revision, dirty: true });
    expect(served(dirty.system.toplevelDerivation ?? "")).toContain("a dirty tree");
    elsewhere.git("checkout", "-q", ".");
    expect(await evaluateKnown(project, own())).toEqual({ ...clean, cached: true });
  });

  test("outside Git: its contents count, its times do not", async () => {
    makeOwnFlake({ git: false });
    rmSync(path.join(elsewhere.root, ".fleet"), { recursive: true, force: true });
    const first = await evaluateKnown(project, own());
    expect(first.system).toMatchObject({ revision: null, dirty: false });
    utimesSync(path.join(elsewhere.root, "machines/www.nix"), new Date(), new Date(2031, 1, 1));
    expect(await evaluateKnown(project, own())).toEqual({ ...first, cached: true });
    rmSync(path.join(project.root, ".fleet/cache"), { recursive: true });
    expect((await evaluateKnown(project, own())).system.toplevel).toBe(first.system.toplevel);
    elsewhere.edit("vendor/web/default.nix", 'hostName = "web"', 'hostName = "www"');
    expect((await evaluateKnown(project, own())).system.toplevel).not.toBe(first.system.toplevel);
  });

  test("in a subfolder that uses files beside it", async () => {
    makeOwnFlake({ git: true });
    elsewhere.write(
      "nix files/flake.nix",
      ownFlake.replaceAll("./vendor", "../vendor").replaceAll("./machines", "../machines"),
    );
    elsewhere.commit();
    const flake = `${elsewhere.root}/nix files`;
    const first = await evaluateKnown(project, { flake, attribute: "www.example.org" });
    const query = await evaluateKnown(project, {
      flake: `${elsewhere.root}?dir=nix%20files`,
      attribute: 'nixosConfigurations."www.example.org"',
    });
    expect(query).toEqual({ ...first, cached: true });
    elsewhere.edit("vendor/web/default.nix", 'hostName = "web"', 'hostName = "www"');
    const edited = await evaluateKnown(project, { flake, attribute: "www.example.org" });
    expect(edited.system.toplevel).not.toBe(first.system.toplevel);
  });

  test("in a submodule: its own tree counts", async () => {
    makeOwnFlake({ git: true });
    project.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", elsewhere.root, "sub");
    project.commit();
    const options = { flake: "./sub", attribute: "www.example.org" };
    const first = await evaluateKnown(project, options);
    expect(await evaluateKnown(project, options)).toEqual({ ...first, cached: true });
    project.edit("sub/vendor/web/default.nix", 'hostName = "web"', 'hostName = "www"');
    expect((await evaluateKnown(project, options)).system.toplevel).not.toBe(first.system.toplevel);
  });
});

describe("git references", () => {
  test("a branch is asked for once a run, a revision only the first time", async () => {
    makeOwnFlake({ git: true });
    const { calls, path: shadowed } = shadowNix(project, 'exec "$real_nix" "$@"');
    vi.stubEnv("PATH", shadowed);
    const branch = elsewhere.git("branch", "--show-current").trim();
    const revision = elsewhere.git("rev-parse", "HEAD").trim();
    const at = (parameter: string) => ({
      flake: `git+file://${encodeURI(elsewhere.root)}?${parameter}`,
      attribute: "www.example.org",
    });
    const first = await evaluateKnown(project, at(`ref=${branch}`));
    expect(first.system.revision).toBe(revision);
    expect(await evaluateKnown(project, at(`ref=${branch}`))).toEqual({ ...first, cached: true });
    expect(commands(calls())).toEqual(["flake prefetch", "eval", "flake prefetch"]);
    elsewhere.edit("vendor/web/default.nix", 'hostName = "web"', 'hostName = "www"');
    elsewhere.commit();
    const moved = await evaluateKnown(project, at(`ref=${branch}`));
    expect(moved.system.toplevel).not.toBe(first.system.toplevel);
    const pinned = await evaluateKnown(project, at(`rev=${revision}`));
    expect(pinned.system.toplevel).toBe(first.system.toplevel);
    const before = calls().length;
    expect((await evaluateKnown(project, at(`rev=${revision}`))).cached).toBe(true);
    expect(calls()).toHaveLength(before);
  });

  test("an untracked file is named, and the evaluation says it is missing", async () => {
    project.write("hosts/web/extra.nix", "{ }");
    project.write("elsewhere/unrelated.nix", "{ }");
    project.edit("hosts/web/default.nix", "./disko.nix", "./disko.nix ./extra.nix");
    const source = openFlakeSource("./hosts", sourceOptions());
    expect(await source.warnings()).toEqual([
      `Git does not track these files, so Nix does not see them: hosts/web/extra.nix. Run \`git add\` in ${project.root}.`,
    ]);
    await expect(evaluateAnew(project, {})).rejects.toThrow(
      /web: evaluation failed: .*extra\.nix.*does not exist.*\n +next: Git does not track .* hosts\/web\/extra\.nix\. Run `git add`/s,
    );
    project.git("add", "-N", "hosts/web/extra.nix");
    expect((await evaluateAnew(project, {})).warnings).toEqual([]);
  });

  test("variables of a Git hook do not lead elsewhere", async () => {
    const before = await evaluateKnown(project, {});
    vi.stubEnv("GIT_DIR", "/nowhere");
    vi.stubEnv("GIT_INDEX_FILE", "/nowhere/index");
    expect(await evaluateKnown(project, {})).toEqual({ ...before, cached: true });
  });
});

describe("inputs of the flake", () => {
  const withInput = `{
  inputs.page.url = "URL";
  inputs.page.flake = false;
  outputs = { self, page }: {
    nixosConfigurations.web = import ./lib/system.nix {
      modules = [ ./web { services.httpd.page = (import ./lib).mkForce (builtins.readFile "\${page}/page") ; } ];
    };
  };
}
`;

  function addInput(): string {
    elsewhere = createWorkspace({ git: true });
    elsewhere.write("page", "a page of its own");
    elsewhere.commit();
    project.write("hosts/flake.nix", withInput.replace("URL", `git+file://${encodeURI(elsewhere.root)}`));
    project.git("add", "-A");
    return path.join(project.root, "hosts");
  }

  test("come from the lock file, also when their origin is gone", async () => {
    const folder = addInput();
    execFileSync("nix", ["flake", "lock"], { cwd: folder, stdio: "ignore" });
    project.commit();
    const lock = project.git("show", "HEAD:hosts/flake.lock");
    const first = await evaluateKnown(project, {});
    elsewhere.remove();
    rmSync(path.join(project.root, ".fleet/cache"), { recursive: true });
    vi.stubEnv("XDG_CACHE_HOME", path.join(project.root, ".fleet/nix-cache"));
    expect((await evaluateKnown(project, {})).system).toEqual(first.system);
    expect(project.git("show", ":hosts/flake.lock")).toBe(lock);
  });

  test("that are not locked are refused, not fetched", async () => {
    addInput();
    await expect(evaluateAnew(project, {})).rejects.toThrow(
      /cannot update unlocked flake input 'page'.*\n +next: Run `nix flake lock git\+file:.*dir=hosts`/s,
    );
    expect(project.git("status", "--porcelain")).not.toContain("flake.lock");
  });
});

test("a tree that changes while it is read is read again", async () => {
  const edit = `[ -e '${project.root}/.fleet/done' ] || { echo '# late' >> '${project.root}/hosts/web/default.nix'; touch '${project.root}/.fleet/done'; }`;
  const { calls, path: shadowed } = shadowNix(project, `"$real_nix" "$@"; code=$?\n${edit}\nexit $code`);
  vi.stubEnv("PATH", shadowed);
  const source = openFlakeSource("./hosts", sourceOptions());
  const before = await source.identity();
  const snapshot = await source.snapshot();
  expect(commands(calls())).toEqual(["flake prefetch", "flake prefetch"]);
  expect(snapshot.identity).not.toBe(before);
  expect(snapshot.identity).toBe(await openFlakeSource("./hosts", sourceOptions()).identity());
  execFileSync("grep", ["-q", "# late", path.join(snapshot.storePath, "hosts/web/default.nix")]);
});

test("a folder outside Git that holds our own state is refused", () => {
  elsewhere = createWorkspace({ git: false });
  elsewhere.write("flake.nix", "{ outputs = _: { }; }");
  expect(() => openFlakeSource(".", { ...elsewhere.options, timeoutSeconds: 60 })).toThrow(
    /world-readable store/,
  );
});

test("other hosts stay evaluable beside a broken one", async () => {
  const facts = createFacts();
  const hosts = ["web", "badeval", "db"].map((attribute) => evaluateAnew(project, { attribute, facts }));
  const outcomes = await Promise.allSettled(hosts);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
