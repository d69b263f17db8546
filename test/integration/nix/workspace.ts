import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { FactPath, FactSource, FactValue, StaticFacts } from "../../../model/facts/facts.ts";
import type { EvaluatorOptions } from "../../../runtime/nix/evaluation/backend.ts";
import { createEvaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import type { Evaluation } from "../../../runtime/nix/evaluation/types.ts";

const miniatureFlake = fileURLToPath(new URL("../../harness/miniflake", import.meta.url));

export const deployKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvuT7PZkPkmMrE5bIGH7hSg1ZJzVN9M8uM9Yp1vCgBd deploy";

/** A project folder of one test, with the miniature flake as its `hosts` folder. */
export interface Workspace {
  readonly root: string;
  readonly options: EvaluatorOptions;
  /** Replaces one text by another in a file, and insists that it was there. */
  edit(file: string, from: string, to: string): void;
  write(file: string, content: string): void;
  git(...args: readonly string[]): string;
  /** Stages and commits everything. */
  commit(): void;
  remove(): void;
}

/** @param git make the project a Git work tree, with everything committed */
export function createWorkspace(options: { git: boolean }): Workspace {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "evaluation ")));
  const file = (name: string) => path.join(root, name);
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const workspace: Workspace = {
    root,
    options: { projectRoot: root, cacheRoot: file(".fleet/cache") },
    edit(name, from, to) {
      const text = readFileSync(file(name), "utf8");
      if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
      writeFileSync(file(name), text.replace(from, to));
    },
    write(name, content) {
      mkdirSync(path.dirname(file(name)), { recursive: true });
      writeFileSync(file(name), content);
    },
    git,
    commit() {
      git("add", "-A");
      git("commit", "-q", "-m", "change");
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  cpSync(miniatureFlake, file("hosts"), { recursive: true });
  workspace.write(".gitignore", ".fleet/\n");
  if (options.git) {
    git("init", "-q");
    workspace.commit();
  }
  return workspace;
}

export const fixedFacts: StaticFacts = {
  project: "pulumi-nixos",
  stack: "test",
  hosts: {
    web: {
      ...{ provider: "hetzner", location: "fsn1", tags: ["canary"] },
      ...{ sshPort: 2222, privateAddresses: {}, volumes: {} },
    },
    db: { provider: "existing", location: null, tags: [], sshPort: 22, privateAddresses: {}, volumes: {} },
  },
  networks: {},
  customFacts: [],
};

/** Facts of a test: `now` are known at once, `later` after waiting, all others stay unknown. Counts what was waited for. */
export interface TestFacts extends FactSource {
  readonly settled: FactPath[];
}

type Facts = Readonly<Partial<Record<FactPath, FactValue>>>;

export function createFacts(
  now: Facts = { deployKeys: [deployKey] },
  later: Facts = {},
  fixed: StaticFacts = fixedFacts,
): TestFacts {
  const settled: FactPath[] = [];
  return {
    fixed,
    settled,
    now(path) {
      const value = now[path];
      return value === undefined ? undefined : { known: true, value };
    },
    async settle(path) {
      settled.push(path);
      const value = now[path] ?? later[path];
      return value === undefined
        ? { known: false, until: `what gives ${path} exists` }
        : { known: true, value };
    },
  };
}

/** Evaluates in a new run of the program, as each `pulumi preview` is one. */
export function evaluateAnew(
  workspace: Workspace,
  request: { host?: string; flake?: string; attribute?: string; facts?: FactSource },
): Promise<Evaluation> {
  const host = request.host ?? "web";
  return createEvaluator(workspace.options).evaluateHost({
    host,
    flake: request.flake ?? "./hosts",
    attribute: request.attribute ?? host,
    facts: request.facts ?? createFacts(),
  });
}

type KnownEvaluation = Extract<Evaluation, { kind: "known" }>;

export async function evaluateKnown(...args: Parameters<typeof evaluateAnew>): Promise<KnownEvaluation> {
  const evaluation = await evaluateAnew(...args);
  if (evaluation.kind !== "known") throw new Error(`waits for ${evaluation.waitingFor}`);
  return evaluation;
}

/** Puts a program called `nix` before the real one. */
export function shadowNix(workspace: Workspace, script: string): { path: string; calls(): string[] } {
  const log = path.join(workspace.root, ".fleet", "nix-calls");
  const real = execFileSync("sh", ["-c", "command -v nix"], { encoding: "utf8" }).trim();
  workspace.write(".fleet/nix-calls", "");
  workspace.write(
    ".fleet/bin/nix",
    `#!/bin/sh\nreal_nix='${real}'\nprintf '%s\\n' "$*" >> '${log}'\n${script}\n`,
  );
  const folder = path.join(workspace.root, ".fleet/bin");
  chmodSync(path.join(folder, "nix"), 0o755);
  return {
    path: `${folder}:${process.env["PATH"] ?? ""}`,
    calls: () => readFileSync(log, "utf8").split("\n").filter(Boolean),
  };
}
