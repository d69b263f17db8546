import { isDeepStrictEqual } from "node:util";
import { noPublication } from "../../model/protocol/binary-cache.ts";
import type { DeploySpec } from "../../model/protocol/deploy.ts";
import { formatBuildLocation } from "../build/build-location.ts";
import { openBuilder } from "../build/builder.ts";
import { checkPublication, publishBuilt } from "../build/push-built-system.ts";
import { anySignal } from "../platform/limits.ts";
import type { AttemptContext } from "./attempt.ts";

/** Brings the wanted system to the host. */
export interface SystemDelivery extends AsyncDisposable {
  /** Builds it, where that needs no change of the host. */
  prepare(): Promise<void>;
  /** Makes it exist on the host; what it is built from must be protected there from garbage collection. */
  deliver(): Promise<void>;
}

/** A system that runs is there already. */
export const noDelivery: SystemDelivery = {
  prepare: async () => {},
  deliver: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** Chooses where the system is built (`build.on`), and gets ready to work there. */
export async function openDelivery(spec: DeploySpec, context: AttemptContext): Promise<SystemDelivery> {
  const { host, stack, system, deadlines } = spec;
  const { session, reporter, signal } = context;
  const deliversOnly = isDeepStrictEqual(spec.cache, noPublication);
  const workshop = await openBuilder({ host, stack, system, plan: spec.build }, { ...context, deliversOnly });
  try {
    checkPublication(host, spec.cache, workshop);
  } catch (error) {
    await workshop[Symbol.asyncDispose]();
    throw error;
  }
  const onTarget = workshop.place.kind === "target";
  const place = workshop.place.kind === "local" ? "" : ` ${formatBuildLocation(workshop.place)}`;
  const shared = { host, reporter, signal };
  return {
    async prepare() {
      if (!onTarget) reporter.progress(`building${place}`);
      await workshop.prepare(["toplevel"], { ...shared, timeoutSeconds: deadlines.build });
      await publishBuilt(system.toplevel, spec.cache, workshop, {
        ...shared,
        timeoutSeconds: deadlines.copy,
      });
    },
    async deliver() {
      reporter.progress(onTarget ? `building${place}` : "copying");
      const timeoutSeconds = onTarget ? deadlines.build + deadlines.copy : deadlines.copy;
      await workshop.deliver("toplevel", { session }, { ...shared, timeoutSeconds });
    },
    [Symbol.asyncDispose]: () => workshop[Symbol.asyncDispose](),
  };
}

/** A system that may be built before it is known whether it is needed. */
export interface PrefetchedDelivery extends AsyncDisposable {
  /** Begins at once, while other work goes on; safe to call again. @returns built, and ready to be delivered */
  begin(): Promise<SystemDelivery>;
  /** Ends what still goes on. Safe to call again. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whether the building here may begin before anything is known of the host: no other machine takes part, and no check comes first. */
export function canBuildEarly({ build, preDeploy }: Pick<DeploySpec, "build" | "preDeploy">): boolean {
  return (build.on === "auto" || build.on === "local") && preDeploy.checks.length === 0;
}

/** Delivery of a system that is built on this machine. */
export function prefetchDelivery(spec: DeploySpec, context: AttemptContext): PrefetchedDelivery {
  const stop = new AbortController();
  const { signal } = context;
  const both = anySignal(signal, stop.signal);
  const prepare = async (): Promise<SystemDelivery> => {
    const travel = await openDelivery(spec, { ...context, signal: both });
    try {
      await travel.prepare();
    } catch (error) {
      await travel[Symbol.asyncDispose]();
      throw error;
    }
    // It is prepared; what follows belongs to the caller that takes it.
    return { ...travel, prepare: async () => {} };
  };
  let ready: Promise<SystemDelivery> | undefined;
  return {
    begin() {
      ready ??= prepare();
      // The caller that waits for it gets the failure; no caller does when something else fails first.
      ready.catch(() => {});
      return ready;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ready?.then(
        (travel) => travel[Symbol.asyncDispose](),
        () => {},
      );
    },
  };
}
