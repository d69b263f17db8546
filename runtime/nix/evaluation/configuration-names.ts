import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { readRecord, writeRecord } from "../../platform/json-file.ts";
import { StepError } from "../../platform/step-error.ts";
import { describeNixError, inUsersFiles, sourceHint } from "../nix-error.ts";
import { nixString } from "../nix-string.ts";
import { runNix } from "../run-nix.ts";
import type { FlakeSource } from "../sources/flake-source.ts";
import type { SourceSnapshot } from "../sources/source-snapshot.ts";

const listSeconds = 300;
const recordSchema = z.strictObject({ names: z.array(z.string()) });

/**
 * Names under `nixosConfigurations` of a flake, sorted; empty when it has none. Remembered by the flake's content: no Nix process is
 * started for a flake that has not changed. No configuration is evaluated.
 * @throws StepError when the flake can't be read
 */
export async function configurationNames(source: FlakeSource, cacheRoot: string): Promise<readonly string[]> {
  const remembered = await readRecord(recordFile(await source.identity(), cacheRoot), recordSchema);
  if (remembered !== undefined) return remembered.names;
  const snapshot = await source.snapshot();
  const names = await listNames(source, snapshot);
  await writeRecord(recordFile(snapshot.identity, cacheRoot), { names });
  return names;
}

function recordFile(identity: string, cacheRoot: string): string {
  return path.join(
    cacheRoot,
    "configurations",
    `${createHash("sha256").update(identity).digest("hex")}.json`,
  );
}

async function listNames(source: FlakeSource, snapshot: SourceSnapshot): Promise<string[]> {
  const configurations = `(builtins.getFlake ${nixString(snapshot.locked)}).nixosConfigurations or { }`;
  const args = ["eval", "--json", "--expr", `builtins.attrNames (${configurations})`];
  const limits = { timeoutSeconds: listSeconds };
  const result = await runNix(args, limits);
  if (result.ok) return z.array(z.string()).parse(JSON.parse(result.stdout));
  const described = describeNixError(result, limits);
  const seen = inUsersFiles(described.seen, source.reference, snapshot.storePath);
  const hint = sourceHint(result.stderr, source.reference, await source.warnings());
  throw new StepError({
    step: `listing the hosts of ${source.reference.url}`,
    ...(hint === undefined ? {} : { next: hint }),
    ...described,
    seen,
  });
}
