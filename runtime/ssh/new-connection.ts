import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Endpoint, endpointsOf } from "../../model/protocol/connection.ts";
import { anySignal } from "../platform/limits.ts";
import { remoteProcessName, remoteScriptPath } from "../platform/package-root.ts";
import { type RunResult, run } from "../platform/run-command.ts";
import { sshEnvironment } from "./environment.ts";
import { prependInput } from "./privilege-command.ts";
import type { RemoteRunOptions, SshSession } from "./session.ts";

/** How a new connection is opened. */
export interface FreshOptions extends Omit<RemoteRunOptions, "elevate"> {
  /** Where the host may answer; the first has a start. Default: all its places, the new one first. */
  readonly places?: readonly Endpoint[];
}

/**
 * A key exchange that costs a tenth of the one ssh prefers (sntrup761, against quantum computers to come) while a host is waiting for a
 * signal. It verifies the host as well, and what is sent is worthless to a reader years later, unless it is a password.
 */
const quickExchange = ["-o", "KexAlgorithms=^curve25519-sha256"];

/** What came of it, and where. */
export interface FreshResult extends RunResult {
  readonly place: Endpoint;
}

/** What a first place gets of a start: enough for a connection that comes about at all. */
const headStartMs = 1500;
/** ssh(1), EXIT STATUS: trouble with the connection; what the script does is not known to have begun. */
const connectionTrouble = 255;

/**
 * Runs `runtime/remote/<name>.sh` as root over a connection of its own. An established connection says nothing about a host:
 * a firewall lets it live on while it refuses every new one.
 *
 * Of several places whichever answers first gives the result, and the script may run over each: it has to bear that.
 */
export async function scriptOverFreshConnection(
  session: SshSession,
  name: string,
  args: readonly string[],
  options: FreshOptions,
): Promise<FreshResult> {
  const text = await readFile(remoteScriptPath(name), "utf8");
  return await overFreshConnection(session, ["sh", "-c", text, remoteProcessName(name), ...args], options);
}

/** Runs argv as root over a connection of its own; with `output`, at one place only: what comes from several would be mixed up. */
export async function overFreshConnection(
  session: SshSession,
  argv: readonly string[],
  { places = endpointsOf(session.target.connection), ...options }: FreshOptions,
): Promise<FreshResult> {
  const { command, ahead } = await session.asRoot(argv);
  const input = prependInput(ahead, options.input);
  // The first value of an option wins: a place that swallows packets must leave time for the other one.
  const impatience = endpointsOf(session.target.connection).length === 1 ? [] : ["-o", "ConnectTimeout=5"];
  const exchange = ahead === "" ? quickExchange : [];
  const attempt = async (place: Endpoint, signal?: AbortSignal): Promise<FreshResult> => {
    const ssh = [
      ...impatience,
      ...exchange,
      ...session.freshAt(place),
      "-o",
      "LogLevel=ERROR",
      "-T",
      session.destination,
      command,
    ];
    const result = await run("ssh", ssh, {
      env: sshEnvironment(),
      ...options,
      ...(input === undefined ? {} : { input }),
      signal,
    });
    return { ...result, place };
  };
  const [only, ...others] = places;
  if (only === undefined) throw new Error("a host has no endpoint");
  return others.length === 0 ? attempt(only, options.signal) : race(places, attempt, options.signal);
}

/** The first answer, or what came of the first place when none answers. */
async function race(
  places: readonly Endpoint[],
  attempt: (place: Endpoint, signal: AbortSignal) => Promise<FreshResult>,
  outer: AbortSignal | undefined,
): Promise<FreshResult> {
  const done = new AbortController();
  const signal = anySignal(done.signal, outer);
  const results = places.map(async (place, index) => {
    // Rejects once another place has answered.
    if (index > 0) await sleep(index * headStartMs, undefined, { signal });
    return attempt(place, signal);
  });
  const answers = results.map(async (result) => {
    const { exitCode, timedOut, cancelled } = await result;
    if (exitCode === connectionTrouble || timedOut || cancelled) throw new Error("no answer");
    return result;
  });
  try {
    return await Promise.any(answers).catch(() => results[0] ?? Promise.reject(new Error("no place")));
  } finally {
    done.abort();
  }
}
