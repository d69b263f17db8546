import { randomUUID } from "node:crypto";
import type { InstallResult } from "../../../model/protocol/install.ts";
import type { TakeOverSpec } from "../../../model/protocol/take-over.ts";
import { formatIdentity, identityPath } from "../../host/identity-file.ts";
import { type Deadline, stopwatch } from "../../platform/deadline.ts";
import { openSession, type SshSession } from "../../ssh/session.ts";
import { inspect } from "../machine/inspect-machine.ts";
import { lockMachine } from "../machine/lock-machine.ts";
import { type PhaseContext, phaseError, phaseScript, runPhase } from "../machine/phase.ts";
import { decideTakeOver } from "./guard.ts";

/** What a take-over needs. */
export interface TakeOverContext extends PhaseContext {
  readonly spec: TakeOverSpec;
}

/**
 * Takes over a NixOS that runs already: writes the host's identity, and changes nothing else.
 *
 * Safe to call again: a host that carries its identity is left as it is.
 * @throws StepError for a machine that runs no NixOS or is another host: nothing is changed there
 */
export async function takeOver(context: TakeOverContext): Promise<InstallResult> {
  const elapsed = stopwatch();
  const { spec, reporter, signal } = context;
  await using session = await runPhase(context, "contact", "waiting for SSH", (limits) =>
    openSession(
      { host: spec.host, connection: spec.connection, hostKeys: [spec.hostKey] },
      { timeoutSeconds: limits.left(), signal, reporter },
    ),
  );
  const taken = await runPhase(context, "facts", "inspecting the machine", (limits) =>
    enrolUnderLock(context, session, limits),
  );
  const seconds = Math.round(elapsed() * 10) / 10;
  return { host: spec.host, outcome: "adopted", ...taken, seconds };
}

type Taken = Pick<InstallResult, "installId" | "system" | "bootId">;

async function enrolUnderLock(
  context: TakeOverContext,
  session: SshSession,
  limits: Deadline,
): Promise<Taken> {
  await using _lock = await lockMachine(context, session, limits.left());
  const seen = await inspect(context, session, limits);
  const decision = decideTakeOver(seen, context.spec);
  switch (decision.action) {
    case "refuse":
      throw phaseError(context, "facts", `refused to take over: ${decision.reason}`, decision.next);
    case "keep": {
      const { installId } = decision.identity;
      context.reporter.progress(`already this host (${installId}): nothing changed`);
      return { installId, system: decision.system, bootId: seen.bootId };
    }
    case "enrol": {
      const installId = randomUUID();
      await writeIdentity(context, session, installId, limits);
      context.reporter.progress(`taken over: it runs ${decision.system}; only ${identityPath} was written`);
      return { installId, system: decision.system, bootId: seen.bootId };
    }
  }
}

async function writeIdentity(
  context: TakeOverContext,
  session: SshSession,
  installId: string,
  limits: Deadline,
): Promise<void> {
  const { stack, host } = context.spec;
  const identity = formatIdentity({ version: 1, stack, host, installId, reinstall: null }).trim();
  const script = ["host/write-identity", identityPath, identity] as const;
  await phaseScript(context, "facts", session, script, { timeoutSeconds: limits.left(), elevate: true });
}
