import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createEvaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import {
  createFacts,
  createWorkspace,
  deployKey,
  evaluateAnew,
  evaluateKnown,
  fixedFacts,
  shadowNix,
  type Workspace,
} from "./workspace.ts";

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  workspace.remove();
});

const page = 'page = "Hello from web, version 1"';
const toplevel = async (host: string) => (await evaluateKnown(workspace, { host })).system.toplevel;

describe("what changes a system", () => {
  test("a change of one host changes that host alone", async () => {
    const before = [await toplevel("web"), await toplevel("db")];
    workspace.edit("hosts/web/default.nix", page, 'page = "Hello from web, version 2"');
    const after = [await toplevel("web"), await toplevel("db")];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
  });

  test("comments, other files and commits change nothing", async () => {
    const before = await toplevel("web");
    workspace.edit("hosts/web/default.nix", page, `# a comment\n    ${page}`);
    workspace.write("hosts/README.md", "words\n");
    workspace.git("add", "-A");
    const dirty = await evaluateKnown(workspace, {});
    workspace.commit();
    const clean = await evaluateKnown(workspace, {});
    expect([dirty.system.toplevel, clean.system.toplevel]).toEqual([before, before]);
    expect([dirty.system.dirty, clean.system.dirty]).toEqual([true, false]);
    expect([dirty.cached, clean.cached]).toEqual([false, false]);
    expect(clean.system.revision).toBe(workspace.git("rev-parse", "HEAD").trim());
  });

  test("the facts a host reads change it, the others do not", async () => {
    const facts = (ipv4: string, hostKey: string) =>
      createFacts({ deployKeys: [deployKey], "hosts.db.ipv4": ipv4, "hosts.db.hostKey": hostKey });
    const evaluate = (ipv4: string, hostKey: string) =>
      evaluateKnown(workspace, { attribute: "webfacts", facts: facts(ipv4, hostKey) });
    const first = await evaluate("198.51.100.7", "ssh-ed25519 AAAA");
    expect(first.usedFacts).toEqual(expect.arrayContaining(["deployKeys", "hosts.db.ipv4"]));
    expect(first.usedFacts).toHaveLength(2);
    const otherKey = await evaluate("198.51.100.7", "ssh-ed25519 BBBB");
    expect(otherKey.system).toEqual(first.system);
    expect(otherKey.cached).toBe(true);
    rmSync(path.join(workspace.options.cacheRoot, "evaluations"), { recursive: true });
    const evaluatedAnew = await evaluate("198.51.100.7", "ssh-ed25519 CCCC");
    expect(evaluatedAnew).toEqual(first);
    const otherAddress = await evaluate("198.51.100.8", "ssh-ed25519 AAAA");
    expect(otherAddress.system.toplevel).not.toBe(first.system.toplevel);
  });

  test("the static facts are part of the configuration", async () => {
    const facts = createFacts();
    const renamed = { ...facts, fixed: { ...facts.fixed, stack: "other" } };
    expect((await evaluateKnown(workspace, { facts })).cached).toBe(false);
    expect((await evaluateKnown(workspace, { facts: renamed })).cached).toBe(false);
    expect((await evaluateKnown(workspace, { facts })).cached).toBe(true);
  });
});

describe("facts that are not known yet", () => {
  test("matter only to a host that reads them", async () => {
    const facts = createFacts();
    expect(await evaluateAnew(workspace, { facts })).toMatchObject({
      kind: "known",
      usedFacts: ["deployKeys"],
    });
    expect(facts.settled).toEqual([]);
    expect(await evaluateAnew(workspace, { attribute: "webfacts", facts })).toEqual({
      kind: "unknown",
      waitingFor: "hosts.db.ipv4",
      until: "what gives hosts.db.ipv4 exists",
      warnings: [],
    });
    expect(facts.settled).toEqual(["hosts.db.ipv4"]);
  });

  test("are waited for one by one when they will come", async () => {
    const facts = createFacts({}, { deployKeys: [deployKey], "hosts.db.ipv4": "198.51.100.9" });
    const evaluation = await evaluateAnew(workspace, { attribute: "webfacts", facts });
    expect(evaluation.kind).toBe("known");
    expect(facts.settled.toSorted()).toEqual(["deployKeys", "hosts.db.ipv4"]);
    const known = createFacts({ deployKeys: [deployKey], "hosts.db.ipv4": "198.51.100.9" });
    expect(await evaluateAnew(workspace, { attribute: "webfacts", facts: known })).toEqual({
      ...evaluation,
      cached: true,
    });
  });

  test("are seen where the configuration would swallow the error", async () => {
    workspace.edit(
      "hosts/webfacts/default.nix",
      "config.fleet.hosts.db.ipv4",
      'let a = builtins.tryEval config.fleet.hosts.db.ipv4; in if a.success then toString a.value else "unknown"',
    );
    expect(await evaluateAnew(workspace, { attribute: "webfacts" })).toMatchObject({
      kind: "unknown",
      waitingFor: "hosts.db.ipv4",
    });
  });

  test("of one's own are read one by one, whatever shape they have", async () => {
    const fixed = { ...fixedFacts, customFacts: ["ports", "url"] };
    workspace.edit(
      "hosts/webfacts/default.nix",
      "config.fleet.hosts.db.ipv4",
      "toString config.fleet.facts.ports",
    );
    const factsOf = (...ports: number[]) =>
      createFacts({ deployKeys: [deployKey], "facts.ports": ports }, {}, fixed);
    const first = await evaluateKnown(workspace, { attribute: "webfacts", facts: factsOf(80, 443) });
    expect(first.usedFacts.toSorted()).toEqual(["deployKeys", "facts.ports"]);
    const again = await evaluateKnown(workspace, { attribute: "webfacts", facts: factsOf(80, 443) });
    expect(again).toEqual({ ...first, cached: true });
    const other = await evaluateKnown(workspace, { attribute: "webfacts", facts: factsOf(80) });
    expect(other.system.toplevel).not.toBe(first.system.toplevel);
    const unknown = createFacts({ deployKeys: [deployKey] }, {}, fixed);
    expect(await evaluateAnew(workspace, { attribute: "webfacts", facts: unknown })).toMatchObject({
      kind: "unknown",
      waitingFor: "facts.ports",
    });
    const deep = { a: [{ b: null }], c: 1.5, d: true };
    workspace.edit(
      "hosts/webfacts/default.nix",
      "toString config.fleet.facts.ports",
      "builtins.toJSON config.fleet.facts.url",
    );
    const structured = createFacts({ deployKeys: [deployKey], "facts.url": deep }, {}, fixed);
    const known = await evaluateKnown(workspace, { attribute: "webfacts", facts: structured });
    expect(known.usedFacts).toContain("facts.url");
  });

  test("a host may have none: null is a value", async () => {
    const facts = createFacts({ deployKeys: [deployKey], "hosts.db.ipv4": null });
    workspace.edit(
      "hosts/webfacts/default.nix",
      "config.fleet.hosts.db.ipv4",
      "toString config.fleet.hosts.db.ipv4",
    );
    expect(await evaluateAnew(workspace, { attribute: "webfacts", facts })).toMatchObject({ kind: "known" });
  });
});

describe("without Nix", () => {
  const forbid = () => {
    const shadow = shadowNix(workspace, "exit 1");
    vi.stubEnv("PATH", shadow.path);
    return shadow;
  };

  test("an unchanged flake starts no Nix process", async () => {
    const before = await evaluateKnown(workspace, {});
    const { calls } = forbid();
    expect(await evaluateKnown(workspace, {})).toEqual({ ...before, cached: true });
    expect(calls()).toEqual([]);
  });

  test("a host known to wait for a fact starts none either", async () => {
    const known = createFacts({ deployKeys: [deployKey], "hosts.db.ipv4": "198.51.100.9" });
    await evaluateKnown(workspace, { attribute: "webfacts", facts: known });
    const { calls } = forbid();
    expect(await evaluateAnew(workspace, { attribute: "webfacts" })).toMatchObject({
      kind: "unknown",
      waitingFor: "hosts.db.ipv4",
    });
    expect(calls()).toEqual([]);
  });

  test("a changed flake does: the test's `nix` is the one in use", async () => {
    await evaluateKnown(workspace, {});
    workspace.edit("hosts/web/default.nix", page, `${page} `);
    const { calls } = forbid();
    await expect(evaluateAnew(workspace, {})).rejects.toThrow(/web: fetching the flake git\+file:/);
    expect(calls()).toHaveLength(1);
  });
});

describe("work is shared and results are checked", () => {
  test("hosts of one run share one look at the flake, and each needs one Nix process", async () => {
    const shadow = shadowNix(workspace, 'exec "$real_nix" "$@"');
    vi.stubEnv("PATH", shadow.path);
    const evaluator = createEvaluator(workspace.options);
    const facts = createFacts();
    const request = { flake: "./hosts", facts };
    const [web, db] = await Promise.all([
      evaluator.evaluateHost({ ...request, host: "web", attribute: "web" }),
      evaluator.evaluateHost({ ...request, host: "db", attribute: "db" }),
    ]);
    expect([web.kind, db.kind]).toEqual(["known", "known"]);
    const verbs = shadow.calls().map((call) => /(flake prefetch|eval) --json/.exec(call)?.[1]);
    expect(verbs.toSorted()).toEqual(["eval", "eval", "flake prefetch"]);
  });

  test("two programs at once agree and leave nothing half-written", async () => {
    const both = await Promise.all([evaluateKnown(workspace, {}), evaluateKnown(workspace, {})]);
    expect(both[0].system).toEqual(both[1].system);
    const leftovers = readdirSync(path.join(workspace.options.cacheRoot, "wrappers"));
    expect(leftovers.filter((name) => name.includes("tmp"))).toEqual([]);
  });

  test("a collected derivation is made again", async () => {
    workspace.edit("hosts/web/default.nix", page, `page = "only ${workspace.root}"`);
    const { system } = await evaluateKnown(workspace, {});
    execFileSync("nix-store", ["--delete", system.toplevelDerivation ?? ""], { stdio: "ignore" });
    const again = await evaluateKnown(workspace, {});
    expect(again.cached).toBe(false);
    expect(again.system).toEqual(system);
    expect(existsSync(system.toplevelDerivation ?? "")).toBe(true);
  });

  test("a cut-off record counts as none", async () => {
    const { system } = await evaluateKnown(workspace, {});
    const evaluations = path.join(workspace.options.cacheRoot, "evaluations");
    for (const name of readdirSync(evaluations, { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".json")) workspace.write(`.fleet/cache/evaluations/${name}`, '{"usedFacts": [');
    expect(await evaluateKnown(workspace, {})).toMatchObject({ cached: false, system });
  });

  test("a deadline ends Nix too", async () => {
    const shadow = shadowNix(workspace, 'case "$*" in *prefetch*) exec "$real_nix" "$@";; esac; sleep 60');
    vi.stubEnv("PATH", shadow.path);
    const evaluator = createEvaluator({ ...workspace.options, timeoutSeconds: 1 });
    const request = { host: "web", flake: "./hosts", attribute: "web", facts: createFacts() };
    await expect(evaluator.evaluateHost(request)).rejects.toThrow("Nix had not finished after 1 s");
  });
});
