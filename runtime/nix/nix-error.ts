import type { RunResult } from "../platform/run-command.ts";
import type { StepFailure } from "../platform/step-error.ts";
import type { FlakeReference } from "./sources/flake-reference.ts";
import { describeFailedBuild, findFailedBuild } from "./store/build-error.ts";

/** What a failed Nix call means to a person. */
export type NixFailure = Pick<StepFailure, "seen" | "next">;

/** Nix's own message without its trail of `… while` frames: from the last `error:` on, markers of ours removed. @internal */
export function nixMessage(stderr: string): string {
  const text = stderr.replaceAll(/^trace: fleet-fact-(used|unknown):.*\n?/gm, "");
  const starts = [...text.matchAll(/^( *)error: ?/gm)];
  const last = starts.at(-1);
  if (last === undefined) return text.trim().split("\n").slice(-20).join("\n");
  const indent = last[1] ?? "";
  return text
    .slice(last.index)
    .split("\n")
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join("\n")
    .replace(/^error: ?/, "")
    .trim();
}

/** Positions in the store mean nothing to people: name the file they can edit. */
export function inUsersFiles(message: string, reference: FlakeReference, storePath: string): string {
  const local = reference.kind === "work-tree" || reference.kind === "folder";
  return message.replaceAll(`${storePath}/`, local ? `${reference.root}/` : "");
}

/**
 * What to do when the flake itself is incomplete; undefined when it is not.
 * @param warnings what is known to be odd about the source, such as files Git does not track
 */
export function sourceHint(
  stderr: string,
  reference: FlakeReference,
  warnings: readonly string[],
): string | undefined {
  const message = nixMessage(stderr);
  if (/cannot update unlocked flake input/.test(message))
    return `Run \`nix flake lock ${reference.url}\`, and keep flake.lock in Git.`;
  if (/does not (exist|contain)/.test(message) && warnings.length > 0) return warnings.join(" ");
  return undefined;
}

/** Failure facts of a Nix call that did not exit with 0. */
export function describeNixError(result: RunResult, limits: { readonly timeoutSeconds: number }): NixFailure {
  if (result.cancelled) return { seen: "it was cancelled" };
  if (result.timedOut)
    return {
      seen: `Nix had not finished after ${limits.timeoutSeconds} s`,
      next: "Raise the deadline, or check what it waits for.",
    };
  if (result.exitCode === undefined && result.signal === undefined)
    return {
      seen: /ENOENT/.test(result.stderr) ? "there is no `nix` on PATH" : result.stderr,
      next: "Install Nix >= 2.24 and put `nix` on PATH (see `fleet doctor`).",
    };
  if (result.signal !== undefined)
    return {
      seen: `Nix was ended by ${result.signal}`,
      next: "If the machine ran out of memory, evaluate fewer hosts at once.",
    };
  const failed = findFailedBuild(result.stderr);
  return failed === undefined ? { seen: nixMessage(result.stderr) } : describeFailedBuild(failed);
}
