import type { DeploySpec } from "../../fleet/protocol/deploy.ts";
import { describePlace } from "../build/place.ts";
import { openWorkshop } from "../build/workshop.ts";
import type { AttemptContext } from "./attempt.ts";

/** The way of the wanted system to the host. */
export interface SystemTravel {
  /** Builds it, where that needs no change of the host. */
  prepare(): Promise<void>;
  /** Makes it exist on the host; what it is made of must be protected there from garbage collection. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

/** A system that runs is there already. */
export const noTravel: SystemTravel = {
  prepare: async () => {},
  deliver: async () => {},
  close: async () => {},
};

/** Chooses where the system is built (`build.on`), and gets ready to work there. */
export async function openTravel(spec: DeploySpec, context: AttemptContext): Promise<SystemTravel> {
  const { host, stack, system, deadlines } = spec;
  const { session, reporter, signal } = context;
  const workshop = await openWorkshop({ host, stack, system, plan: spec.build }, context);
  const onTarget = workshop.place.kind === "target";
  const place = workshop.place.kind === "local" ? "" : ` ${describePlace(workshop.place)}`;
  const shared = { host, reporter, ...(signal === undefined ? {} : { signal }) };
  return {
    async prepare() {
      if (!onTarget) reporter.progress(`building${place}`);
      await workshop.prepare(["toplevel"], { ...shared, timeoutSeconds: deadlines.build });
    },
    async deliver() {
      reporter.progress(onTarget ? `building${place}` : "copying");
      const timeoutSeconds = onTarget ? deadlines.build + deadlines.copy : deadlines.copy;
      await workshop.deliver("toplevel", { session }, { ...shared, timeoutSeconds });
    },
    close: () => workshop.close(),
  };
}
