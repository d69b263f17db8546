import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export const repository = path.resolve(fileURLToPath(new URL("../../..", import.meta.url)));
export const miniatureFlake = path.join(repository, "test/harness/miniflake");

/** What a Nix command said. `value` is its standard output, parsed as JSON where the caller asked for that. */
export interface NixAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a Nix command to its end; nothing is thrown when it fails. */
export async function nix(...args: readonly string[]): Promise<NixAnswer> {
  const answer = await execa("nix", args, { reject: false, timeout: 60_000, stdin: "ignore" });
  return { ok: answer.exitCode === 0, stdout: answer.stdout, stderr: answer.stderr };
}

/** Runs a Nix command that has to succeed; returns its standard output. */
export async function nixOutput(...args: readonly string[]): Promise<string> {
  const answer = await nix(...args);
  if (!answer.ok) throw new Error(`nix ${args.join(" ")} failed:\n${answer.stderr}`);
  return answer.stdout;
}

/** Value of a Nix expression that may read absolute paths; the expression has to evaluate. */
export async function evaluate(expression: string): Promise<unknown> {
  return JSON.parse(await nixOutput("eval", "--impure", "--json", "--expr", expression));
}

/** Nix's message for an expression that must not evaluate. */
export async function evaluationError(expression: string): Promise<string> {
  const answer = await nix("eval", "--impure", "--json", "--expr", expression);
  if (answer.ok) throw new Error(`this evaluates, to ${answer.stdout}: ${expression}`);
  return answer.stderr;
}

/** A folder to edit in, copied from another one. */
export interface Copy {
  readonly folder: string;
  /** Replaces a text of a file, and insists that it is there exactly once. */
  edit(file: string, from: string, to: string): void;
  append(file: string, text: string): void;
  write(file: string, text: string): void;
  remove(): void;
}

/** Copies a folder of the repository into a new temporary one. */
export function copyOf(source: string): Copy {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "copy-")));
  cpSync(source, folder, { recursive: true });
  const file = (name: string) => path.join(folder, name);
  return {
    folder,
    edit(name, from, to) {
      const parts = readFileSync(file(name), "utf8").split(from);
      if (parts.length !== 2) throw new Error(`${name} has ${parts.length - 1} times: ${from}`);
      writeFileSync(file(name), parts.join(to));
    },
    append(name, text) {
      writeFileSync(file(name), text, { flag: "a" });
    },
    write(name, text) {
      writeFileSync(file(name), text);
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
