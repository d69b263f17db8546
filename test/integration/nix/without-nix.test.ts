import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { FactSource } from "../../../model/facts/facts.ts";
import { createEvaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import { remoteBackend } from "../../../runtime/nix/evaluation/remote-backend.ts";
import type { Evaluation } from "../../../runtime/nix/evaluation/types.ts";
import type { EvaluationHosts } from "../../../runtime/nix/evaluation-hosts.ts";
import { buildSystem } from "../../../runtime/nix/store/build-local.ts";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { openSession, type SshSession } from "../../../runtime/ssh/session.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { testAddress } from "../addresses.ts";
import { createInstalledMachine } from "../deploy/installed-machine.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { createFacts, createWorkspace, evaluateKnown, type Workspace } from "./workspace.ts";

let factory: TestMachineFactory;
let session: SshSession;
let workspace: Workspace;
const userKey = generateKeyPair();
const facts = () => createFacts({ deployKeys: [userKey.publicKey] });

beforeAll(async () => {
  const first = createWorkspace({ git: true });
  const { system } = await evaluateKnown(first, { facts: facts() });
  await buildSystem(system, ["toplevel"], { host: "web", timeoutSeconds: 120 });
  first.remove();
  factory = await createMachineFactory();
  const { connection, hostKey } = await createInstalledMachine(factory, {
    id: "without-nix",
    address: testAddress(52),
    toplevel: system.toplevel,
    deployKey: userKey,
  });
  session = await openSession({ host: "web", connection, hostKeys: [hostKey] }, { timeoutSeconds: 30 });
});
afterEach(() => {
  vi.unstubAllEnvs();
  workspace.remove();
});
afterAll(async () => {
  await session?.close();
  await factory?.close();
});

/** PATH without any Nix program: links to the programs that are needed here. */
function pathWithoutNix(): string {
  const folder = path.join(workspace.root, ".fleet", "no-nix");
  workspace.write(".fleet/no-nix/README", "");
  for (const name of ["git", "ssh", "ssh-keygen", "sh"]) {
    const program = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    if (!existsSync(path.join(folder, name))) symlinkSync(program, path.join(folder, name));
  }
  return folder;
}

/** Evaluates on the machine, in a project that has never seen a Nix of its own. */
async function evaluateThere(
  request: { host?: string; attribute?: string; flake?: string; facts?: FactSource } = {},
): Promise<Evaluation> {
  vi.stubEnv("PATH", pathWithoutNix());
  const options = { ...workspace.options, cacheRoot: path.join(workspace.root, ".fleet/other-cache") };
  const places: EvaluationHosts = {
    use: async (_host, work) => ({ kind: "done", value: await work(session) }),
  };
  const limits = { ...options, timeoutSeconds: 120 };
  const evaluator = createEvaluator({ ...limits, backend: remoteBackend(places, limits) });
  const host = request.host ?? "web";
  try {
    return await evaluator.evaluateHost({
      host,
      attribute: request.attribute ?? host,
      flake: request.flake ?? "./hosts",
      facts: request.facts ?? facts(),
    });
  } finally {
    vi.unstubAllEnvs();
  }
}

/** Same paths, same sources; only the wrapper lies in another folder. */
async function expectTheSame(flake = "./hosts"): Promise<void> {
  const here = await evaluateKnown(workspace, { flake, facts: facts() });
  const there = await evaluateThere({ flake });
  if (there.kind !== "known") throw new Error(`waits for ${there.until}`);
  const installable = here.system.installable?.replace("/.fleet/cache/", "/.fleet/other-cache/");
  expect(there.system).toEqual({ ...here.system, installable });
  expect(there.usedFacts).toEqual(here.usedFacts);
}

describe("an evaluation on another machine gives the same paths", () => {
  test("for a clean work tree", async () => {
    workspace = createWorkspace({ git: true });
    await expectTheSame();
  });

  test("for a work tree with edits, deletions, links, programs and files Git does not track", async () => {
    workspace = createWorkspace({ git: true });
    workspace.edit("hosts/web/default.nix", "version 1", "version 2");
    workspace.write("hosts/tool", "#!/bin/sh\n");
    chmodSync(path.join(workspace.root, "hosts/tool"), 0o755);
    symlinkSync("tool", path.join(workspace.root, "hosts/link"));
    workspace.write("hosts/ä.txt", "ä");
    workspace.git("add", "hosts/tool", "hosts/link", "hosts/ä.txt");
    workspace.write("hosts/untracked.nix", "not seen");
    workspace.git("rm", "-q", ".gitignore");
    await expectTheSame();
  });

  test("for committed files that a checkout changes", async () => {
    workspace = createWorkspace({ git: true });
    workspace.write("hosts/.gitattributes", "*.txt text eol=crlf\nnotes.md export-ignore\n");
    workspace.write("hosts/notes.md", "seen all the same\n");
    workspace.write("hosts/page.txt", "one\ntwo\n");
    workspace.commit();
    workspace.git("rm", "-q", "--cached", "hosts/page.txt");
    workspace.git("reset", "-q", "--hard");
    await expectTheSame();
  });

  test("for a repository without a commit", async () => {
    workspace = createWorkspace({ git: false });
    workspace.git("init", "-q");
    workspace.git("add", "-A");
    await expectTheSame();
  });

  test("for a folder outside of Git", async () => {
    workspace = createWorkspace({ git: false });
    await expectTheSame();
  });

  test.each(["path", "git+file"])("for a flake with a local input by %s", async (kind) => {
    workspace = createWorkspace({ git: true });
    const input = path.join(workspace.root, "hosts");
    const url =
      kind === "path" ? `path:${encodeURI(input)}` : `git+file://${encodeURI(workspace.root)}?dir=hosts`;
    workspace.write(
      "wrapped/flake.nix",
      `{ inputs.mini.url = "${url}"; outputs = { mini, ... }: { inherit (mini) nixosConfigurations; }; }`,
    );
    workspace.commit();
    const nix = ["--extra-experimental-features", "nix-command flakes"];
    execFileSync("nix", [...nix, "flake", "lock", path.join(workspace.root, "wrapped")], { stdio: "pipe" });
    workspace.git("add", "-A");
    await expectTheSame("./wrapped");
  });
});

test("a local input that is not any more what the lock says is refused", async () => {
  workspace = createWorkspace({ git: true });
  const input = path.join(workspace.root, "hosts");
  workspace.write(
    "wrapped/flake.nix",
    `{ inputs.mini.url = "path:${encodeURI(input)}"; outputs = { mini, ... }: { inherit (mini) nixosConfigurations; }; }`,
  );
  workspace.git("add", "-A");
  const nix = ["--extra-experimental-features", "nix-command flakes"];
  execFileSync("nix", [...nix, "flake", "lock", path.join(workspace.root, "wrapped")], { stdio: "pipe" });
  workspace.git("add", "-A");
  workspace.write("hosts/new", "");
  const error = await evaluateThere({ flake: "./wrapped" }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StepError);
  expect(String(error)).toContain('is no longer what flake.lock says of input "mini"');
});

test("an error of the configuration is shown with the user's own file", async () => {
  workspace = createWorkspace({ git: true });
  const error = await evaluateThere({ host: "badeval" }).catch((caught: unknown) => caught);
  const here = await evaluateKnown(workspace, { host: "badeval", facts: facts() }).catch(
    (caught: unknown) => caught,
  );
  expect(String(error).split("\n")[0]).toBe(String(here).split("\n")[0]);
});

test("facts are waited for, and what they lead to is remembered without asking again", async () => {
  workspace = createWorkspace({ git: true });
  const later = createFacts({ deployKeys: [userKey.publicKey] });
  expect(await evaluateThere({ host: "web", attribute: "webfacts", facts: later })).toMatchObject({
    kind: "unknown",
    waitingFor: expect.stringMatching(/^hosts\./),
  });
  const first = await evaluateThere();
  expect(first).toMatchObject({ kind: "known", cached: false });
  expect(await evaluateThere()).toMatchObject({ kind: "known", cached: true });
});

test("a flake that lies elsewhere is fetched by the machine", async () => {
  workspace = createWorkspace({ git: true });
  // The machine sees no folder of this one, so the repository goes over by hand.
  const repository = execFileSync("tar", ["-C", workspace.root, "-cf", "-", ".git"]);
  const unpack = ["sh", "-c", "mkdir -p /tmp/repository && tar -C /tmp/repository -xf -"];
  expect(await session.run(unpack, { timeoutSeconds: 30, input: repository })).toMatchObject({ ok: true });
  const rev = workspace.git("rev-parse", "HEAD").trim();
  const there = await evaluateThere({ flake: `git+file:///tmp/repository?dir=hosts&rev=${rev}` });
  const here = await evaluateKnown(workspace, { facts: facts() });
  expect(there).toMatchObject({ kind: "known", system: { toplevel: here.system.toplevel, revision: rev } });
});

describe("what the machine has no credential for", () => {
  const gateway = "198.51.100.1";
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(401).end());
    server.listen(0, gateway);
    await once(server, "listening");
    const { port } = z.object({ port: z.number() }).parse(server.address());
    url = `http://${gateway}:${port}/private.tar.gz`;
  });
  afterAll(() => server.close());

  const refusalOf = (flake: string) => evaluateThere({ flake }).then(String, String);

  test("is named where it is an input, with what to do", async () => {
    workspace = createWorkspace({ git: true });
    const source = { type: "tarball", url };
    const locked = { ...source, narHash: `sha256-${Buffer.alloc(32).toString("base64")}` };
    const nodes = { root: { inputs: { private: "private" } }, private: { locked, original: source } };
    workspace.write(
      "wrapped/flake.nix",
      `{ inputs.private.url = "${url}"; outputs = { private, ... }: { inherit (private) nixosConfigurations; }; }`,
    );
    workspace.write("wrapped/flake.lock", JSON.stringify({ nodes, root: "root", version: 7 }));
    workspace.commit();
    const message = await refusalOf("./wrapped");
    expect(message).toContain(`web: evaluation failed: the input ${url} was refused to web`);
    expect(message).toContain("HTTP error 401");
    expect(message).toContain("netrc and access tokens stay on this machine");
  });

  test("is named where it is the flake itself", async () => {
    workspace = createWorkspace({ git: true });
    expect(await refusalOf(`tarball+${url}`)).toContain(`the input ${url} was refused to web`);
  });
});
