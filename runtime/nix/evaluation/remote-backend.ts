import { createReadStream, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { LimitFunction } from "p-limit";
import pLimit from "p-limit";
import { z } from "zod";
import type { Limits } from "../../platform/limits.ts";
import { StepError } from "../../platform/step-error.ts";
import type { SshSession } from "../../ssh/target.ts";
import type { EvaluationHosts } from "../evaluation-hosts.ts";
import { remoteNixError, runRemoteNix } from "../remote-nix.ts";
import {
  archiveFile,
  archivesOf,
  archiveTree,
  isArchived,
  removeOldArchives,
} from "../sources/archive-cache.ts";
import { archiveFetcher } from "../sources/archive-fetcher.ts";
import { splitReference } from "../sources/flake-reference-query.ts";
import { inputRefusedThere } from "../sources/refused-input.ts";
import { folderTree } from "../sources/source-tree.ts";
import type { EvaluationBackend, EvaluatorOptions } from "./backend.ts";
import { evaluationArguments, readEvaluation } from "./nix-eval.ts";

/** Evaluates on other machines: for operators without Nix. */
export function remoteBackend(
  places: EvaluationHosts,
  options: EvaluatorOptions & { readonly timeoutSeconds: number },
): EvaluationBackend {
  const { cacheRoot, timeoutSeconds } = options;
  const limits: Limits = { timeoutSeconds };
  // A machine that serves while it evaluates should not run out of memory.
  const turns = new Map<string, LimitFunction>();
  const turnOf = ({ target }: SshSession) => {
    const turn = turns.get(target.host) ?? pLimit(1);
    turns.set(target.host, turn);
    return turn;
  };
  return {
    fetcher: archiveFetcher(places),
    holds: ({ installable }) => installable === null || canBeSent(installable),
    async evaluate({ host, wrapper }) {
      const answer = await places.use(host, (session) =>
        turnOf(session)(async () => {
          const reference = await sendWrapper(session, wrapper, limits);
          await removeOldArchives(cacheRoot);
          const result = await runRemoteNix({ session }, evaluationArguments(reference), limits);
          const found = readEvaluation(result);
          const refused =
            found.kind === "failed" &&
            inputRefusedThere(session.target.host, { step: "evaluation", host }, result.stderr);
          if (refused) throw refused;
          return found;
        }),
      );
      return answer.kind === "done" ? answer.value : answer;
    },
  };
}

const requestSchema = z.object({ source: z.string().startsWith("path:/nix/store/") });

/**
 * Puts a wrapper flake, and the sources it is about, into the store of a machine.
 * @param wrapper folder in `<cacheRoot>/wrappers`
 * @returns reference of the wrapper there
 */
export async function sendWrapper(session: SshSession, wrapper: string, limits: Limits): Promise<string> {
  const cacheRoot = cacheOf(wrapper);
  const source = sourceOf(wrapper);
  const sources = await archivesOf(cacheRoot, source);
  if (sources === undefined)
    throw new StepError({
      host: session.target.host,
      step: sendingStep,
      seen: `${source} is no longer in the cache of this project`,
      next: "Run `pulumi up` again to read the flake again.",
    });
  const { storePath } = await archiveTree(await folderTree(wrapper), cacheRoot);
  await sendSources(session, [...sources, storePath], cacheRoot, limits);
  return `path:${storePath}`;
}

/** Whether a system could be evaluated again, on a machine that lacks its derivation. */
function canBeSent(installable: string): boolean {
  const { wrapper } = splitInstallable(installable);
  if (!existsSync(path.join(wrapper, "request.json"))) return false;
  return isArchived(cacheOf(wrapper), sourceOf(wrapper));
}

function cacheOf(wrapper: string): string {
  return path.resolve(wrapper, "..", "..");
}

function sourceOf(wrapper: string): string {
  const request = requestSchema.parse(JSON.parse(readFileSync(path.join(wrapper, "request.json"), "utf8")));
  return splitReference(request.source).location.replace(/^path:/, "");
}

/** Splits `HostSystem.installable`: folder of the wrapper, and the attribute in it. */
export function splitInstallable(installable: string): { wrapper: string; attribute: string } {
  const [, wrapper, attribute] = /^path:([^#]+)#(.+)$/.exec(installable) ?? [];
  if (wrapper === undefined || attribute === undefined)
    throw new Error(`not an installable of a wrapper: ${installable}`);
  return { wrapper: decodeURI(wrapper), attribute };
}

const sendingStep = "sending the flake's sources";

/**
 * Puts archived source trees into the store of a machine; what is there already is not sent.
 * @throws StepError naming the machine
 */
async function sendSources(
  session: SshSession,
  storePaths: readonly string[],
  cacheRoot: string,
  limits: Limits,
): Promise<void> {
  for (const storePath of storePaths) {
    const known = await session.run(["nix-store", "--check-validity", storePath], {
      ...limits,
      elevate: true,
    });
    if (known.ok) continue;
    const result = await session.script("nix/import-source", [storePath], {
      ...limits,
      input: createReadStream(archiveFile(cacheRoot, storePath)),
      elevate: true,
    });
    if (!result.ok) throw remoteNixError({ session }, sendingStep, result, limits);
  }
}
