import type { Limits } from "../platform/limits.ts";
import type { RunResult } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import type { RemoteRunOptions, SshSession } from "../ssh/target.ts";
import { nixArguments } from "./environment.ts";
import { describeNixError } from "./nix-error.ts";

/** A Nix store on another machine: the machine's own, or one below a folder (`/mnt`: of a system that is being installed). */
export interface RemoteStore {
  readonly session: SshSession;
  /** Folder the store is in; absent: the machine's own. */
  readonly root?: string;
}

/** ssh(1), EXIT STATUS: trouble with the connection. */
const connectionTrouble = 255;

/** Store URL as the machine itself names it (Nix manual, "Local Store"). */
export function storeOnMachine({ root }: RemoteStore): string {
  return root === undefined ? "auto" : `local?root=${root}`;
}

/** Runs `nix` as root on another machine, on one of its stores. */
export async function runRemoteNix(
  store: RemoteStore,
  args: readonly string[],
  options: RemoteRunOptions,
): Promise<RunResult> {
  const argv = ["nix", ...nixArguments("--store", storeOnMachine(store), ...args)];
  return await store.session.run(argv, { ...options, elevate: true });
}

/** The error of a Nix process on another machine. */
export function remoteNixError(
  { session }: RemoteStore,
  step: string,
  result: RunResult,
  limits: Limits,
): StepError {
  const { host } = session.target;
  const log = limits.reporter?.logFile;
  if (result.exitCode === connectionTrouble && !result.timedOut && !result.cancelled)
    return new StepError({
      host,
      step,
      seen: `the connection broke: ${result.stderr.trim().split("\n").slice(-3).join("\n")}`,
      next: "Check the connection to the host, then run it again: what is there stays.",
      log,
    });
  if (/nix(-store)?: (command )?not found/.test(result.stderr))
    return new StepError({
      host,
      step,
      seen: "there is no `nix` on the machine",
      next: "It needs Nix >= 2.24 on the PATH of a non-interactive shell.",
      log,
    });
  const described = describeNixError(result, limits);
  const full = /No space left on device/.test(result.stderr);
  return new StepError({
    host,
    step,
    ...(full
      ? {
          next: "Free space on the machine: `nix-collect-garbage` there, which keeps the generations needed to roll back.",
        }
      : {}),
    ...described,
    log,
  });
}
