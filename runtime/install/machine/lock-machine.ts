import { acquireHostLock, type HostLock } from "../../host/lock/host-lock.ts";
import { operatorName } from "../../host/lock/owner.ts";
import type { SshSession } from "../../ssh/session.ts";
import type { PhaseContext } from "./phase.ts";

/** Takes the machine's lock, the same that deployments take: no two of our commands ever work on a host side by side. */
export async function lockMachine(
  { spec, reporter, signal }: PhaseContext,
  session: SshSession,
  waitSeconds: number,
): Promise<HostLock> {
  return await acquireHostLock(session, {
    owner: {
      operator: operatorName(),
      pid: process.pid,
      stack: spec.stack,
      what: `install of ${spec.host}`,
      since: new Date().toISOString(),
    },
    waitSeconds,
    reporter,
    signal,
  });
}
