import { type RemoteStore, remoteNixError, runRemoteNix } from "../nix/remote-nix.ts";
import type { HostLimits } from "../platform/limits.ts";
import { StepError } from "../platform/step-error.ts";
import type { WantedPart } from "./derivations.ts";

const step = "build";

/**
 * Builds a part on another machine, from a derivation that is there, or fetches a ready-made closure from the machine's binary caches.
 * @param link keeps the result from garbage collection: absolute path of a link to make there; null: something else does
 * @throws StepError step "build", naming the machine, with the failing derivation and the end of its log
 */
export async function buildRemotely(
  wanted: WantedPart,
  derivation: string | null,
  at: RemoteStore,
  link: string | null,
  limits: HostLimits,
): Promise<void> {
  const args = [
    "build",
    ...(link === null ? ["--no-link"] : ["--out-link", link]),
    "--print-out-paths",
    "--print-build-logs",
    ...["--log-lines", "25"],
    derivation === null ? wanted.output : `${derivation}^*`,
  ];
  const result = await runRemoteNix(at, args, limits);
  if (!result.ok) throw remoteNixError(at, step, result, limits);
  if (result.stdout.split("\n").includes(wanted.output)) return;
  throw new StepError({
    host: at.session.target.host,
    step,
    seen: `expected ${wanted.output}, got ${result.stdout.trim() || "nothing"}`,
    next: "Run `pulumi up` again, which evaluates anew.",
  });
}
