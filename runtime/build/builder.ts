import { existsSync } from "node:fs";
import type { BuildPlan } from "../../model/protocol/build.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { examineLocalNix, hasLocalNix, type LocalNix } from "../nix/local-nix.ts";
import { type RemoteStore, remoteNixError, runRemoteNix } from "../nix/remote-nix.ts";
import { runNix } from "../nix/run-nix.ts";
import { buildSystem, type SystemPart } from "../nix/store/build-local.ts";
import { copyClosure } from "../nix/store/copy-closure.ts";
import { streamClosure } from "../nix/store/stream-closure.ts";
import type { HostLimits, Limits } from "../platform/limits.ts";
import type { Reporter } from "../platform/reporter.ts";
import { StepError } from "../platform/step-error.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { type BuildLocation, chooseBuildLocation, formatBuildLocation } from "./build-location.ts";
import { transferDerivation, type WantedPart, wantedPart } from "./derivations.ts";

/** A place where a host's system is built, ready to work. */
export interface Builder extends AsyncDisposable {
  readonly place: BuildLocation;
  /** Builds what can be built without the target: call it before anything on the target changes. */
  prepare(parts: readonly SystemPart[], limits: HostLimits): Promise<void>;
  /**
   * Makes a part, with all it refers to, exist in a store of the target.
   * @returns its path
   */
  deliver(part: SystemPart, to: RemoteStore, limits: HostLimits): Promise<string>;
  /** Frees what it holds. Safe to call again. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whose system is built, and where. */
export interface BuilderRequest {
  readonly stack: string;
  readonly host: string;
  readonly plan: BuildPlan;
  readonly system: HostSystem;
}

const examineSeconds = 30;
const contactSeconds = 60;

/**
 * Chooses where a host's system is built, and says so.
 * @throws StepError where the configured place cannot build, or a build host cannot be reached
 */
export async function openBuilder(
  request: BuilderRequest,
  options: {
    readonly reporter: Reporter;
    readonly signal?: AbortSignal | undefined;
    /** The system alone is wanted: one that exists in the local store is delivered without asking Nix what it can build. */
    readonly deliversOnly?: boolean;
  },
): Promise<Builder> {
  const { host, plan, system } = request;
  const here = plan.on === "auto" || plan.on === "local";
  if (options.deliversOnly === true && here && (await existsLocally(system))) return prebuiltBuilder(system);
  const local = await examineLocalNix({ timeoutSeconds: examineSeconds, signal: options.signal });
  const { place, because } = chooseBuildLocation({ host, plan, platform: system.platform, local });
  if (because !== null) options.reporter.progress(`builds ${formatBuildLocation(place)}: ${because}`);
  switch (place.kind) {
    case "local":
      return localBuilder(system);
    case "target":
      return targetBuilder(request, local);
    case "machine": {
      const { name, connection, hostKey } = place.machine;
      const target = { host: name, connection, hostKeys: [hostKey] };
      const session = await openSession(target, { ...options, timeoutSeconds: contactSeconds });
      return remoteBuilder(request, local, place, session);
    }
  }
}

/** Whether a path is whole only Nix knows, which says so when it copies. */
async function existsLocally({ toplevel }: HostSystem): Promise<boolean> {
  return existsSync(toplevel) && (await hasLocalNix());
}

/** A system that was built on this machine before: a preview has, or an attempt that failed, or a host that has the same. */
function prebuiltBuilder(system: HostSystem): Builder {
  const workshop = localBuilder(system);
  return {
    ...workshop,
    prepare: async () => {},
    async deliver(part, to, limits) {
      try {
        return await workshop.deliver(part, to, limits);
      } catch (error) {
        // A build that was cut off may have left something there, or one of another host is not at its end.
        const { output } = wantedPart(limits.host, system, part);
        if (!isOfIncompletePath(error) && (await isValidPath(output, limits))) throw error;
        await workshop.prepare([part], limits);
        return await workshop.deliver(part, to, limits);
      }
    },
  };
}

/** Whether Nix found, when it began to copy, that a path was not complete: it may be by now. */
function isOfIncompletePath(error: unknown): boolean {
  return error instanceof StepError && /no substituter that can build it/.test(error.failure.seen);
}

function localBuilder(system: HostSystem): Builder {
  return {
    place: { kind: "local" },
    prepare: async (parts, limits) => {
      await buildSystem(system, parts, limits);
    },
    deliver: async (part, to, limits) => {
      const { output } = wantedPart(limits.host, system, part);
      const root = to.root === undefined ? {} : { root: to.root };
      await copyClosure([output], to.session, { ...limits, ...root, substituteOnDestination: true });
      return output;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The target builds for itself, so everything waits for it. */
function targetBuilder({ host, system }: BuilderRequest, local: LocalNix): Builder {
  return {
    place: { kind: "target" },
    prepare: async (parts) => {
      for (const part of parts) wantedPart(host, system, part);
    },
    deliver: async (part, to, limits) => {
      const wanted = wantedPart(host, system, part);
      const derivation = await transferDerivation(wanted, to, local, limits);
      await buildRemotely(wanted, derivation, to, null, limits);
      return wanted.output;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const rootFolder = "/nix/var/nix/gcroots/fleet-builds";
const shortSeconds = 20;

/** Another machine builds; what it built is rooted there until the work is done. */
function remoteBuilder(
  { stack, host, system }: BuilderRequest,
  local: LocalNix,
  place: BuildLocation,
  session: SshSession,
): Builder {
  const link = (part: SystemPart) => `${rootFolder}/${stack.replaceAll("/", ".")}.${host}-${part}`;
  const made: string[] = [];
  let closing: Promise<void> | undefined;
  return {
    place,
    prepare: async (parts, limits) => {
      await session.run(["mkdir", "-p", rootFolder], { timeoutSeconds: shortSeconds, elevate: true });
      for (const part of parts) {
        const wanted = wantedPart(host, system, part);
        const at: RemoteStore = { session };
        const derivation = await transferDerivation(wanted, at, local, limits);
        made.push(link(part));
        await buildRemotely(wanted, derivation, at, link(part), limits);
      }
    },
    deliver: async (part, to, limits) => {
      const { output } = wantedPart(host, system, part);
      await streamClosure([output], session, to, limits);
      return output;
    },
    [Symbol.asyncDispose]() {
      closing ??= removeLinks(session, made).finally(() => session.close());
      return closing;
    },
  };
}

/** A link that stays (the connection is gone) costs room until this host is built there again, and nothing else. */
async function removeLinks(session: SshSession, links: readonly string[]): Promise<void> {
  if (links.length === 0) return;
  await session.run(["rm", "-f", "--", ...links], { timeoutSeconds: shortSeconds, elevate: true });
}

const step = "build";

/**
 * Builds a part on another machine, from a derivation that is there, or fetches a ready-made closure from the machine's binary caches.
 * @param link keeps the result from garbage collection: absolute path of a link to make there; null: something else does
 * @throws StepError step "build", naming the machine, with the failing derivation and the end of its log
 */
async function buildRemotely(
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
    next: "Run `pulumi up` again to evaluate again.",
  });
}

/** Whether a path is whole and registered in the local store; nothing is built or fetched for it. */
async function isValidPath(storePath: string, limits: Limits): Promise<boolean> {
  const { ok } = await runNix(["path-info", "--offline", storePath], limits);
  return ok;
}
