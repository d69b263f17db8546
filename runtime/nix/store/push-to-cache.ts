import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Publication } from "../../../model/protocol/binary-cache.ts";
import type { HostLimits } from "../../platform/limits.ts";
import type { Reporter } from "../../platform/reporter.ts";
import type { RunResult } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { createPrivateFolder } from "../../ssh/private-folder.ts";
import { describeNixError } from "../nix-error.ts";
import { runNix } from "../run-nix.ts";

/** Limits of each of the two steps of a publication. */
export interface PublishOptions extends HostLimits {
  readonly reporter: Reporter;
}

/**
 * Signs a path of the local store with all it refers to, then copies it to a binary cache; what is there already is skipped. Nix takes
 * the credentials of the cache from the user's own files and environment.
 * @throws StepError step "signing" or "binary cache"
 */
export async function publish(
  storePath: string,
  { push, signingKey }: Publication,
  options: PublishOptions,
): Promise<void> {
  if (signingKey !== null) {
    options.reporter.progress("signing");
    await sign(storePath, signingKey, options);
  }
  if (push === null) return;
  options.reporter.progress(`copying to ${push}`);
  const result = await runNix(["copy", "--to", push, storePath], options);
  if (!result.ok)
    throw failure("binary cache", result, options, `check that you can write to ${push}, then run it again`);
}

async function sign(storePath: string, signingKey: string, options: PublishOptions): Promise<void> {
  await using folder = await createPrivateFolder();
  const file = path.join(folder.path, "signing-key");
  await writeFile(file, signingKey.trim(), { mode: 0o600 });
  const result = await runNix(["store", "sign", "--key-file", file, "--recursive", storePath], options);
  if (!result.ok)
    throw failure(
      "signing",
      result,
      options,
      "the secret must be a key of `nix key generate-secret`, and you a trusted user of the local Nix",
    );
}

function failure(step: string, result: RunResult, options: PublishOptions, next: string): StepError {
  const { host, reporter } = options;
  return new StepError({ host, step, log: reporter.logFile, next, ...describeNixError(result, options) });
}
