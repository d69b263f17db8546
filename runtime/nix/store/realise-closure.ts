import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import type { HostSystem } from "../../../model/protocol/connection.ts";
import { unevaluatedSystem } from "../../../model/protocol/unevaluated-system.ts";
import type { HostLimits } from "../../platform/limits.ts";
import { StepError } from "../../platform/step-error.ts";
import type { Deferred } from "../deferred.ts";
import type { EvaluationHosts } from "../evaluation-hosts.ts";
import { describeNixError } from "../nix-error.ts";
import { remoteNixError, runRemoteNix } from "../remote-nix.ts";
import { runNix } from "../run-nix.ts";

/** A whole store path of Nix's base-32 alphabet, and nothing below it. */
const storePath = /^\/nix\/store\/[0-9abcdfghijklmnpqrsvwxyz]{32}-[0-9A-Za-z+\-._?=]+$/;

const step = "reading the system closure";

/**
 * A NixOS system that was built elsewhere (by CI, for example), given by its store path or a link to it. It has no disk layout of its own.
 * @throws StepError when it is not a NixOS system, or can't be had
 */
export async function hostSystemFromClosure(closure: string, limits: HostLimits): Promise<HostSystem> {
  const { host } = limits;
  const toplevel = storePath.test(closure) ? closure : await realpath(closure).catch(() => closure);
  if (!storePath.test(toplevel))
    throw new StepError({
      host,
      step,
      seen: `${closure} is not a store path`,
      next: "Give /nix/store/<hash>-nixos-system-…",
    });
  await substitute(toplevel, limits);
  const platform = await readFile(path.join(toplevel, "system"), "utf8").catch(() => undefined);
  if (platform === undefined) throw noSystem(host, toplevel);
  return unevaluatedSystem(toplevel, platform.trim());
}

/**
 * The same on a machine with Nix, where this machine has none: the closure has to be there, or in a binary cache it knows.
 * @throws StepError as above
 */
export async function hostSystemFromClosureThere(
  closure: string,
  places: EvaluationHosts,
  limits: HostLimits,
): Promise<{ readonly kind: "done"; readonly value: HostSystem } | Deferred> {
  return await places.use(limits.host, async (session) => {
    const built = await runRemoteNix({ session }, ["build", "--no-link", closure], limits);
    if (!built.ok) throw remoteNixError({ session }, "fetching the system closure", built, limits);
    const platform = await session.run(["cat", `${closure}/system`], limits);
    if (!platform.ok) throw noSystem(limits.host, closure);
    return unevaluatedSystem(closure, platform.stdout.trim());
  });
}

function noSystem(host: string, toplevel: string): StepError {
  return new StepError({
    host,
    step,
    seen: `${toplevel} holds no file named "system"`,
    next: "Give the path of `config.system.build.toplevel` of a NixOS configuration.",
  });
}

async function substitute(toplevel: string, limits: HostLimits): Promise<void> {
  const known = await readFile(path.join(toplevel, "system")).then(
    () => true,
    () => false,
  );
  if (known) return;
  const result = await runNix(["build", "--no-link", toplevel], limits);
  if (result.ok) return;
  const next = "Copy it to this machine, or add the binary cache that has it to `substituters`.";
  throw new StepError({
    host: limits.host,
    step: "fetching the system closure",
    next,
    ...describeNixError(result, limits),
  });
}
